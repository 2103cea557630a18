import type { Caller } from '../accounts.ts'
import { blocksOf } from './blocks.ts'
import { concernsObject, type Demand, demandOf } from './demands.ts'
import { allow, type BucketFacts, type Decision, deny, type Facts, ownerOf, owns } from './facts.ts'
import { byOwnership, type Question } from './ownership.ts'
import type { Action } from './permissions.ts'
import { evaluatePolicy, type PolicyVerdict } from './policy/evaluate.ts'
import { isPublicPolicy } from './policy/public.ts'

/** S3 lets no policy lock its bucket's owner out of the policy itself (API reference, "PutBucketPolicy"). */
const POLICY_ACTIONS: ReadonlySet<Action> = new Set([
  's3:GetBucketPolicy',
  's3:PutBucketPolicy',
  's3:DeleteBucketPolicy',
])

/**
 * May this caller do this? Facts in, a word and its reason out; loading the facts is authorize's part. A policy's
 * explicit denial comes before all else, what keeps strangers out comes before what lets them in, and the ACLs speak
 * last.
 */
export function decide(facts: Facts): Decision {
  const { caller, action, bucket } = facts
  const demand = demandOf(action)
  if (bucket === undefined) return withoutBucket(caller, demand)
  const isRoot = caller.kind === 'account' && caller.account.isRoot
  const isOwner = owns(caller, bucket.ownerId)
  if ((isRoot || isOwner) && POLICY_ACTIONS.has(action)) return allow("the bucket's owner may always reach its policy")
  const verdict = policyVerdict(facts, bucket)
  if (verdict.effect === 'deny') return deny(`${verdict.by} of the bucket's policy denies`)
  if (isRoot) return allow('the root account may do everything')
  const kept = isOwner ? undefined : keepsOut(facts, { bucket, demand })
  if (kept !== undefined) return deny(kept)
  if (concernsObject(demand)) {
    if (facts.object === 'absent') return ofAbsent(facts)
    if (facts.object === 'new' && facts.rules.putCoversItsHeaders) return ofPut(facts)
  }
  if (verdict.effect === 'allow' && mayOpen(facts, { bucket, demand })) {
    return allow(`${verdict.by} of the bucket's policy allows`)
  }
  const isOwners = action === 's3:DeleteObjectVersion' && !facts.rules.writersRemoveVersions
  return byOwnership(facts, { bucket, demand: isOwners ? 'bucket-owner' : demand })
}

/** Nobody's resource, or one that is yet to be made. */
function withoutBucket(caller: Caller, demand: Demand): Decision {
  if (caller.kind === 'account' && caller.account.isRoot) return allow('the root account may do everything')
  if (demand === 'anyone') return allow('the action is open to everyone')
  if (demand !== 'account') return deny('there is no bucket')
  return caller.kind === 'account' ? allow('any account may do it') : deny('the caller is anonymous')
}

/**
 * What keeps everybody but the bucket's owner out, whatever policy and ACLs give.
 *
 * RestrictPublicBuckets blocks all access from other accounts while the policy is public, also what it gives to
 * particular ones (S3 user guide, "Block public access settings"). Requesters who do not agree to pay get nothing, and
 * anonymous ones cannot (S3 user guide, "Using Requester Pays buckets"); configuration is not charged.
 */
function keepsOut({ caller, policy, paysAsRequester }: Facts, { bucket, demand }: Question): string | undefined {
  if (policy !== undefined && blocksOf(bucket).restrictPublicBuckets && isPublicPolicy(policy)) {
    return 'RestrictPublicBuckets of the bucket keeps other accounts out while its policy is public'
  }
  const isCharged = bucket.settings.requestPayer === 'Requester' && demand !== 'bucket-owner'
  if (!isCharged || (paysAsRequester && caller.kind === 'account')) return undefined
  return 'the requesters pay in this bucket, and the caller does not'
}

/** Whether a key exists is only told to those who may list the bucket. */
function ofAbsent(facts: Facts): Decision {
  const { verdict, reason } = decide({ ...facts, action: 's3:ListBucket', key: undefined, object: undefined })
  return { verdict, reason: `the object is missing, and listing the bucket is decided: ${reason}` }
}

/** What a header sets on the object that a write makes goes with the write. */
function ofPut(facts: Facts): Decision {
  return decide({ ...facts, action: 's3:PutObject', object: undefined })
}

function mayOpen({ object, rules }: Facts, { bucket, demand }: Question): boolean {
  if (rules.policiesOpenForeignObjects || typeof object !== 'object' || !concernsObject(demand)) return true
  return bucket.settings.ownership === 'BucketOwnerEnforced' || ownerOf(object, bucket) === bucket.ownerId
}

const NO_VERDICT: PolicyVerdict = { effect: 'none', by: '' }

function policyVerdict({ policy, caller, action, key, conditions }: Facts, bucket: BucketFacts): PolicyVerdict {
  if (policy === undefined) return NO_VERDICT
  const resource = key === undefined ? `arn:aws:s3:::${bucket.name}` : `arn:aws:s3:::${bucket.name}/${key}`
  return evaluatePolicy(policy, { caller, action, resource, conditions })
}
