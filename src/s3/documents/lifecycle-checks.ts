import { asksSize } from '../../domain/lifecycle/filter.ts'
import { s3Error } from '../../errors.ts'
import type { LifecycleRule } from '../../storage/metadata/settings.ts'
import type { LifecycleDocuments } from './lifecycle.ts'
import { fault } from './lifecycle-elements.ts'

/** AWS moves nothing to these earlier, and from these to an archive no earlier than so many days behind. */
const INFREQUENT_DAYS_MIN = 30
const INFREQUENT: ReadonlySet<string> = new Set(['STANDARD_IA', 'ONEZONE_IA'])
const ARCHIVES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR'])

/** @throws S3Error for rules that cannot stand beside each other */
export function checkRules(rules: readonly LifecycleRule[], documents: LifecycleDocuments): void {
  const ids = rules.map(({ id }) => id).filter((id) => id !== '')
  if (new Set(ids).size < ids.length) {
    throw s3Error('InvalidArgument', {}, { message: 'Rule ID must be unique. Found same ID for more than one rule' })
  }
  for (const rule of rules) checkRule(rule, documents)
  if (documents.strict) checkForms(rules)
}

/** One form for all rules, and only the new one counts versions. */
function checkForms(rules: readonly LifecycleRule[]): void {
  const [{ isOldForm = false } = {}] = rules
  if (rules.some((rule) => rule.isOldForm !== isOldForm)) {
    throw invalidRequest(
      isOldForm
        ? 'Filter element can only be used in Lifecycle V2.'
        : 'Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.',
    )
  }
  const counts = ({ noncurrentExpiration, noncurrentTransitions }: LifecycleRule): boolean =>
    [noncurrentExpiration, ...noncurrentTransitions].some((one) => one?.newerNoncurrentVersions !== undefined)
  if (isOldForm && rules.some(counts)) {
    throw invalidRequest('NewerNoncurrentVersions element can only be used in Lifecycle V2.')
  }
}

function checkRule(rule: LifecycleRule, documents: LifecycleDocuments): void {
  checkFilter(rule)
  const { transitions, noncurrentTransitions } = rule
  for (const [name, list] of [
    ['Transition', transitions],
    ['NoncurrentVersionTransition', noncurrentTransitions],
  ] as const) {
    if (new Set(list.map(({ storageClass }) => storageClass)).size === list.length) continue
    const message = `'StorageClass' must be different for '${name}' actions in same 'Rule' with filter '${shown(rule)}'`
    throw fault('same-class', documents.codes, message)
  }
  const timed = [...transitions, ...(rule.expiration === undefined ? [] : [rule.expiration])]
  if (timed.some(({ days }) => days !== undefined) && timed.some(({ dateMs }) => dateMs !== undefined)) {
    const message = "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule"
    throw fault('mixed-days-and-dates', documents.codes, `${message} for filter '${shown(rule)}'`)
  }
  if (documents.strict) checkOrder(rule)
}

/** What has neither tags nor a size cannot be chosen by them. RGW says the same of tags (rgw_lc.cc). */
function checkFilter({ filter, expiration, abortIncompleteDays }: LifecycleRule): void {
  const what = filter.tags.length > 0 ? 'Tags' : asksSize(filter) ? 'Object Size' : undefined
  if (what === undefined) return
  if (abortIncompleteDays !== undefined) {
    throw invalidRequest(`AbortIncompleteMultipartUpload cannot be specified with ${what}.`)
  }
  if (expiration?.expiredObjectDeleteMarker !== undefined) {
    throw invalidRequest(`ExpiredObjectDeleteMarker cannot be specified with ${what}.`)
  }
}

/** What must come before what within a rule, in AWS's words. RGW stores any order (recorded). */
function checkOrder(rule: LifecycleRule): void {
  const { transitions, noncurrentTransitions, expiration, noncurrentExpiration } = rule
  const current = transitions.map(({ days, dateMs, storageClass }) => ({ at: days ?? dateMs ?? 0, days, storageClass }))
  checkAges(current, { rule, action: 'Transition', element: 'Days' })
  const older = noncurrentTransitions.map(({ noncurrentDays: days, storageClass }) => ({
    at: days,
    days,
    storageClass,
  }))
  checkAges(older, { rule, action: 'NoncurrentVersionTransition', element: 'NoncurrentDays' })
  const [endsAt, unit] =
    expiration?.dateMs === undefined ? ([expiration?.days, 'Days'] as const) : ([expiration.dateMs, 'Date'] as const)
  if (endsAt !== undefined && current.some(({ at }) => at >= endsAt)) {
    throw invalidArgument(
      `'${unit}' in the Expiration action for filter '${shown(rule)}' must be greater than '${unit}' in the Transition action`,
    )
  }
  const olderEndAt = noncurrentExpiration?.noncurrentDays
  if (olderEndAt !== undefined && older.some(({ at }) => at >= olderEndAt)) {
    throw invalidArgument(
      `'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '${shown(rule)}' must be greater than ` +
        "'NoncurrentDays' in the NoncurrentVersionTransition action",
    )
  }
}

interface Step {
  readonly days: number | undefined
  readonly storageClass: string
}

function checkAges(
  steps: readonly Step[],
  { rule, action, element }: { rule: LifecycleRule; action: string; element: string },
): void {
  for (const { days, storageClass } of steps) {
    if (days === undefined || !INFREQUENT.has(storageClass)) continue
    if (days < INFREQUENT_DAYS_MIN) {
      const least = `must be greater than or equal to ${INFREQUENT_DAYS_MIN} for storageClass '${storageClass}'`
      throw invalidArgument(`'${element}' in ${action} action ${least}`)
    }
    const early = steps.find(
      (other) => ARCHIVES.has(other.storageClass) && (other.days ?? 0) < days + INFREQUENT_DAYS_MIN,
    )
    if (early !== undefined) {
      throw invalidArgument(
        `'${element}' in the '${early.storageClass}' ${action} action for filter '${shown(rule)}' must be ` +
          `${INFREQUENT_DAYS_MIN} days more than '${element}' in the '${storageClass}' ${action} action`,
      )
    }
  }
}

function shown({ filter }: LifecycleRule): string {
  return `(prefix=${filter.prefix ?? ''})`
}

function invalidArgument(message: string): Error {
  return s3Error('InvalidArgument', {}, { message })
}

function invalidRequest(message: string): Error {
  return s3Error('InvalidRequest', {}, { message })
}
