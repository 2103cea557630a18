import type { Clock } from '../../lib/clock.ts'
import type { IdSource } from '../../lib/ids.ts'
import { escapeXml } from '../xml/build.ts'

export interface DialectOptions {
  readonly ids: IdSource
  readonly clock: Clock
  /** Also the zone's and the zonegroup's name. */
  readonly region: string
}

/** An error's details as elements, in their order. */
export function elements(details: Readonly<Record<string, string | number>>): string {
  let text = ''
  for (const [name, value] of Object.entries(details)) text += `<${name}>${escapeXml(String(value))}</${name}>`
  return text
}
