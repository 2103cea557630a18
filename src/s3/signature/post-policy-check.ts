import { type S3Error, s3Error } from '../../errors.ts'
import type { FormRules } from '../dialect.ts'
import { type FormFields, IGNORED_PREFIX } from '../form/fields.ts'
import type { FieldCondition, PostPolicy } from './post-policy.ts'

export interface PolicyCheck {
  /** The fields before the file, with their variables replaced. */
  readonly fields: FormFields
  /** The bucket that the URL names: a condition has to cover it like a field. */
  readonly bucket: string
  readonly nowMs: number
  readonly rules: Pick<FormRules, 'absentFieldsAreEmpty'>
}

/** Fields that no condition has to cover: the policy and what proves it. */
const EXEMPT: ReadonlySet<string> = new Set(['awsaccesskeyid', 'policy', 'signature', 'x-amz-signature'])

/**
 * Holds a form against its policy: it has not expired, all conditions are met, and each field is covered by one.
 * @throws S3Error AccessDenied with the reason, as S3 words it
 */
export function checkPostPolicy(policy: PostPolicy, { fields, bucket, nowMs, rules }: PolicyCheck): void {
  if (nowMs >= policy.expiresMs) throw denied('Policy expired')
  const all = new Map([...fields, ['bucket', bucket]])
  for (const condition of policy.conditions) {
    const value = all.get(condition.field) ?? (rules.absentFieldsAreEmpty ? '' : undefined)
    if (value === undefined || !isMet(condition, value)) throw denied(`Policy Condition failed: ${condition.text}`)
  }
  const covered = new Set(policy.conditions.map(({ field }) => field))
  const extra = [...all.keys()].filter(
    (field) => !covered.has(field) && !EXEMPT.has(field) && !field.startsWith(IGNORED_PREFIX),
  )
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`)
}

/** A Content-Type with commas is a list, all of whose members have to begin so. */
function isMet({ match, field, value: expected }: FieldCondition, value: string): boolean {
  if (match === 'eq') return value === expected
  const values = field === 'content-type' ? value.split(',').map((one) => one.trim()) : [value]
  return values.every((one) => one.startsWith(expected))
}

function denied(reason: string): S3Error {
  return s3Error('AccessDenied', {}, { message: `Invalid according to Policy: ${reason}` })
}
