import type { ActionLevel } from './actions.ts'
import { globMatches, globOf, literalOf } from './glob.ts'
import { type Pattern, readPattern } from './pattern.ts'
import { malformed } from './refusal.ts'

export interface ResourceRules {
  readonly bucket: string
  /** Of the bucket; undefined where a stored policy is read again. */
  readonly tenant: string | undefined
  /** AccessRules.policiesNameOwnBucket. */
  readonly ownBucketOnly: boolean
  readonly withVariables: boolean
}

const ALL = '*'
/** `arn`, partition, service, region and account stand in front of the resource. */
const FIELDS = 5

/**
 * A Resource: `arn:aws:s3:::bucket/key`, or `*` where a policy may name other buckets than its own (the ZOS manual has
 * it). Undefined for one that nothing here can match: of another service, region or partition.
 * @throws S3Error MalformedPolicy
 */
export function readResource(written: string, rules: ResourceRules, where: string): Pattern | undefined {
  if (written === ALL && !rules.ownBucketOnly) return pattern(ALL, rules, where)
  const fields = written.split(':')
  const [arn, partition = '', service = '', region = '', account = ''] = fields
  if (arn !== 'arn' || fields.length <= FIELDS) {
    throw malformed(where, `Resource "${written}" must be an ARN such as arn:aws:s3:::${rules.bucket}/*`)
  }
  const { tenant } = rules
  if (tenant !== undefined && account !== '' && !matches(account, tenant)) {
    throw malformed(where, `Resource "${written}" must be in the bucket's tenant`)
  }
  const resource = fields.slice(FIELDS).join(':')
  if (resource === '') throw malformed(where, `Resource "${written}" must name a bucket`)
  const isHere = matches(partition, 'aws') && matches(service, 's3') && matches(region, '')
  if (rules.ownBucketOnly && !(isHere && isInBucket(resource, rules.bucket))) {
    throw malformed(where, `Policy has invalid resource: "${written}" must be in the bucket ${rules.bucket}`)
  }
  const read = pattern(resource, rules, where)
  return isHere ? read : undefined
}

/** Which levels of actions a resource can be the object of. */
export function levelsOf({ written }: Pattern): readonly ActionLevel[] {
  if (written.includes('/')) return ['object']
  return /[*?]$/.test(written) ? ['bucket', 'object'] : ['bucket']
}

function pattern(written: string, { withVariables }: ResourceRules, where: string): Pattern {
  const read = readPattern(written, withVariables)
  if (read === undefined) throw malformed(where, `Resource "${written}" has a variable that cannot be read`)
  return read
}

function matches(field: string, value: string): boolean {
  return globMatches(globOf(field), literalOf(value))
}

/** AWS takes `bucket*` too, which means the bucket and what is in it. */
function isInBucket(resource: string, bucket: string): boolean {
  return resource.startsWith(bucket) && ['', '/', '*'].includes(resource.charAt(bucket.length))
}
