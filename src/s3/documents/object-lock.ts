import { s3Error } from '../../errors.ts'
import type { DefaultRetention } from '../../storage/metadata/settings.ts'
import type { LockRules } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'
import { isRetentionMode } from './retention.ts'

/** S3's ceilings of a default retention: a hundred years either way (S3 user guide, "Retention periods"). */
const DAYS_MAX = 36_500
const YEARS_MAX = 100

/** A configuration is a few hundred bytes. */
export const OBJECT_LOCK_BYTES_MAX = 16 * 1024

/**
 * ObjectLockConfiguration: the default retention, undefined where there is no rule.
 * @throws S3Error MalformedXML (recorded: object_lock.put.both, bad_mode, bad_enabled); the dialect's `badPeriod` for
 *   no days or years, or for too many (recorded: object_lock.put.years_neg)
 */
export function readObjectLock(document: Buffer, rules: Pick<LockRules, 'badPeriod'>): DefaultRetention | undefined {
  const root = parseDocument(document, 'ObjectLockConfiguration')
  assertOnly(root, ['ObjectLockEnabled', 'Rule'])
  if (root.child('ObjectLockEnabled')?.text.trim() !== 'Enabled') throw s3Error('MalformedXML')
  const rule = root.child('Rule')
  if (rule === undefined) return undefined
  assertOnly(rule, ['DefaultRetention'])
  const retention = rule.child('DefaultRetention')
  if (retention === undefined) throw s3Error('MalformedXML')
  return readDefault(retention, rules)
}

function readDefault(retention: XmlElement, rules: Pick<LockRules, 'badPeriod'>): DefaultRetention {
  assertOnly(retention, ['Mode', 'Days', 'Years'])
  const mode = retention.child('Mode')?.text.trim()
  const days = retention.child('Days')
  const years = retention.child('Years')
  if (!isRetentionMode(mode)) throw s3Error('MalformedXML')
  if (days !== undefined && years === undefined) return { mode, days: readPeriod(days, DAYS_MAX, rules) }
  if (years !== undefined && days === undefined) return { mode, years: readPeriod(years, YEARS_MAX, rules) }
  throw s3Error('MalformedXML')
}

function readPeriod(element: XmlElement, max: number, { badPeriod }: Pick<LockRules, 'badPeriod'>): number {
  const text = element.text.trim()
  if (!/^[+-]?\d{1,10}$/.test(text)) throw s3Error('MalformedXML')
  const period = Number(text)
  if (period > 0 && period <= max) return period
  // RGW's words (recorded), and AWS's.
  const positive =
    badPeriod === 'InvalidRetentionPeriod'
      ? 'retention period must be a positive integer value'
      : 'Default retention period must be a positive integer value.'
  const message = period > max ? 'Default retention period too large.' : positive
  throw s3Error(badPeriod, { ArgumentName: element.name, ArgumentValue: text }, { message })
}

/** Each of these elements once at the most, and no other: what is not understood must not seem to be kept. */
function assertOnly(parent: XmlElement, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const { name } of parent.children()) {
    if (!names.includes(name) || seen.has(name)) throw s3Error('MalformedXML')
    seen.add(name)
  }
}

export function objectLockDocument(
  retention: DefaultRetention | undefined,
  { namespace }: Pick<LockRules, 'namespace'>,
): string {
  const rule =
    retention === undefined
      ? undefined
      : { DefaultRetention: { Mode: retention.mode, Days: retention.days, Years: retention.years } }
  return buildDocument('ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled', Rule: rule }, { namespace })
}
