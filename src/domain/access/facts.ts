import type { Acl, BucketRow } from '../../storage/metadata/rows.ts'
import { ANONYMOUS_ID, type Caller } from '../accounts.ts'
import type { RequestConditions } from './conditions.ts'
import type { Action } from './permissions.ts'
import type { Policy } from './policy/policy.ts'
import type { AccessRules } from './rules.ts'

/** What is known about a request when it is decided. Whatever decides in future becomes a field here. */
export interface Facts {
  readonly caller: Caller
  readonly action: Action
  readonly rules: AccessRules
  /** The bucket the action is on; undefined for actions on none, and for CreateBucket. */
  readonly bucket: BucketFacts | undefined
  /** The key the action is on; undefined for actions on a bucket. */
  readonly key: string | undefined
  /**
   * The object the action is on: `absent` when there is none; `new` when the request itself makes it; undefined when
   * its facts do not matter (see authorize).
   */
  readonly object: ObjectFacts | 'absent' | 'new' | undefined
  /** The bucket's policy, if it has one. */
  readonly policy: Policy | undefined
  /** What the policy may ask about the request, and about the object's tags. */
  readonly conditions: RequestConditions
  /** Whether the request says that its sender pays for it. */
  readonly paysAsRequester: boolean
}

export type BucketFacts = Pick<BucketRow, 'name' | 'ownerId' | 'acl' | 'settings'>

export interface ObjectFacts {
  readonly ownerId: string
  readonly acl: Acl
}

export interface Decision {
  readonly verdict: 'allow' | 'deny'
  /** For the log: which rule decided. Never shown to the client. */
  readonly reason: string
}

/** What an anonymous caller wrote counts as the bucket owner's (recorded: acl.effect.anonymous_put.get_by_owner). */
export function ownerOf(object: ObjectFacts, bucket: BucketFacts): string {
  return object.ownerId === ANONYMOUS_ID ? bucket.ownerId : object.ownerId
}

export function owns(caller: Caller, ownerId: string): boolean {
  return caller.kind === 'account' && caller.account.id === ownerId
}

export function allow(reason: string): Decision {
  return { verdict: 'allow', reason }
}

export function deny(reason: string): Decision {
  return { verdict: 'deny', reason }
}
