import { s3Error } from '../../errors.ts'
import type { Retention } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { parseIsoDate } from '../headers/dates.ts'
import { retainUntilDate } from '../headers/object.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument } from '../xml/parse.ts'

/** A retention, or a legal hold, is some hundred bytes. */
export const LOCK_BYTES_MAX = 16 * 1024

/** Exactly so: `governance` is refused (s3-tests; recorded object.put.lock_bad_mode). */
export function isRetentionMode(text: string | undefined): text is Retention['mode'] {
  return text === 'GOVERNANCE' || text === 'COMPLIANCE'
}

/**
 * Retention: undefined for an empty one, which takes retention away (S3 user guide, "Removing a retention period").
 * Whether the date lies ahead is checked where the clock is.
 * @throws S3Error MalformedXML (recorded: retention.put.malformed), also for a mode or a date that is none
 */
export function readRetention(document: Buffer): Retention | undefined {
  const root = parseDocument(document, 'Retention')
  const children = root.children()
  if (children.length === 0 && root.text.trim() === '') return undefined
  const mode = root.child('Mode')?.text.trim()
  const retainUntilMs = parseIsoDate(root.child('RetainUntilDate')?.text.trim() ?? '')
  if (children.length !== 2 || !isRetentionMode(mode) || retainUntilMs === undefined) throw s3Error('MalformedXML')
  return { mode, retainUntilMs }
}

/** RGW prints no namespace and nine decimals (recorded: retention.get.governance). */
export function retentionDocument(
  { mode, retainUntilMs }: Retention,
  dialect: Pick<Dialect, 'locks' | 'rgwExtensions'>,
): string {
  const { namespace } = dialect.locks
  return buildDocument(
    'Retention',
    { Mode: mode, RetainUntilDate: retainUntilDate(retainUntilMs, dialect) },
    { namespace },
  )
}
