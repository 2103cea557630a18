import { CommandError, type Parameters } from './client.ts'
import type { Call, Flag } from './command.ts'
import type { Quota } from './shapes.ts'
import { bytesText, parseBytes } from './text.ts'

/** The word for no limit. */
const NONE = 'none'

export const QUOTA_FLAGS: Readonly<Record<string, Flag>> = {
  'max-objects': { type: 'string', value: 'N', help: 'how many objects at most, or none for no limit' },
  'max-bytes': { type: 'string', value: 'SIZE', help: 'how large together, such as 10GiB, or none for no limit' },
}

/** The parameters that set a quota and put it in force; undefined where no flag says anything of it. */
export function quotaParameters(call: Call, names: { objects: string; bytes: string }): Parameters | undefined {
  const objects = limit(call, names.objects, (text) => (/^\d+$/.test(text) ? Number(text) : undefined))
  const bytes = limit(call, names.bytes, parseBytes)
  if (objects === undefined && bytes === undefined) return undefined
  return { 'max-objects': objects, 'max-size': bytes, enabled: true }
}

function limit(call: Call, flag: string, read: (text: string) => number | undefined): number | undefined {
  const text = call.text(flag)
  if (text === undefined) return undefined
  const value = text === NONE ? -1 : read(text)
  if (value === undefined) throw new CommandError(`--${flag}: ${text} is neither a number nor ${NONE}`)
  return value
}

/** Empty where there is no limit. */
export function quotaText({ enabled, max_objects: objects, max_size: bytes }: Quota): string {
  if (!enabled) return ''
  const parts = [objects < 0 ? '' : `${objects} objects`, bytes < 0 ? '' : bytesText(bytes)]
  return parts.filter((part) => part !== '').join(', ')
}
