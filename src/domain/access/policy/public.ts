import { ANONYMOUS_ID } from '../../accounts.ts'
import { parseNetwork } from './addresses.ts'
import type { Condition } from './conditions.ts'
import { isOneText, readPattern } from './pattern.ts'
import type { Policy, Statement } from './policy.ts'

/** What is narrower than these prefixes is not the public: S3 user guide, "The meaning of public". */
const PUBLIC_BITS = { 4: 8, 6: 32 } as const
const SOURCE_IP = 'aws:sourceip'
const USER_ID = 'aws:userid'

/** Keys whose fixed values confine a statement to somebody: those of that page, and IAM's others for who calls. */
const CONFINING: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  USER_ID,
  'aws:username',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
])

/** Operators that let nothing but their values through. */
const FIXING: ReadonlySet<string> = new Set([
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'ArnEquals',
  'ArnLike',
])

/**
 * Whether a policy lets the public in: a statement allows something to everybody and has no condition that confines it
 * to fixed values of one of the keys that tell who or from where. What other statements deny does not count.
 */
export function isPublicPolicy(policy: Policy): boolean {
  return policy.statements.some(isPublic)
}

function isPublic({ effect, principals, conditions }: Statement): boolean {
  if (effect === 'Deny') return false
  const namesAll = principals.list.some(({ kind }) => kind === 'everyone')
  return namesAll !== principals.negated && !conditions.some(confines)
}

/** Without the key, IfExists and ForAllValues hold, so they confine nobody. */
function confines({ operator, quantifier, ifExists, key, written }: Condition): boolean {
  if (operator === 'Null' || operator.negated || ifExists || quantifier === 'all') return false
  if (key === SOURCE_IP) return operator.base === 'IpAddress' && written.every(isNarrow)
  return CONFINING.has(key) && FIXING.has(operator.base) && written.every((text) => isFixed(key, text))
}

function isNarrow(written: string): boolean {
  const network = parseNetwork(written)
  return network !== undefined && network.bits >= PUBLIC_BITS[network.family]
}

/** An access point's ARN may end in a wildcard, because its account is fixed. */
const ACCESS_POINTS = /^arn:aws[\w-]*:s3:[\w-]+:\w+:accesspoint\/\*$/

function isFixed(key: string, written: string): boolean {
  if (key === 's3:dataaccesspointarn' && ACCESS_POINTS.test(written)) return true
  // The id of everybody who does not say who he is.
  if (key === USER_ID && written.toLowerCase() === ANONYMOUS_ID) return false
  const pattern = readPattern(written, true)
  return pattern !== undefined && isOneText(pattern)
}
