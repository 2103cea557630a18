import { type Action, BUCKET_ACTIONS, OBJECT_ACTIONS, SERVICE_ACTIONS } from '../permissions.ts'
import { globMatches, globOf, literalOf } from './glob.ts'

/** What an action is on: only a bucket's and an object's can be in a bucket's policy. */
export type ActionLevel = 'service' | 'bucket' | 'object'

interface KnownAction {
  readonly name: string
  readonly level: ActionLevel
  /** Undefined for an action that no operation here asks for: a policy may name it, and it grants nothing. */
  readonly action: Action | undefined
}

/** Of AWS's service authorization reference, beside those that an operation here needs. */
const BUCKET_ONLY_NAMED = [
  's3:CreateBucketMetadataTableConfiguration',
  's3:DeleteBucketMetadataTableConfiguration',
  's3:GetBucketAbac',
  's3:GetBucketMetadataTableConfiguration',
  's3:ListTagsForResource',
  's3:PutBucketAbac',
  's3:TagResource',
  's3:UntagResource',
]
const OBJECT_ONLY_NAMED = [
  's3:GetObjectVersionForReplication',
  's3:InitiateReplication',
  's3:ObjectOwnerOverrideToBucketOwner',
  's3:ReplicateDelete',
  's3:ReplicateObject',
  's3:ReplicateTags',
  's3:UpdateObjectEncryption',
]

/** Names of Ceph's rgw_iam_policy table for what AWS calls otherwise. */
const CEPH_NAMES: Readonly<Record<string, Action>> = {
  's3:DeletePublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  's3:DeleteReplicationConfiguration': 's3:PutReplicationConfiguration',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
}

const KNOWN: readonly KnownAction[] = [
  ...SERVICE_ACTIONS.map((action): KnownAction => ({ name: action, level: 'service', action })),
  ...BUCKET_ACTIONS.map((action): KnownAction => ({ name: action, level: 'bucket', action })),
  ...OBJECT_ACTIONS.map((action): KnownAction => ({ name: action, level: 'object', action })),
  ...BUCKET_ONLY_NAMED.map((name): KnownAction => ({ name, level: 'bucket', action: undefined })),
  ...OBJECT_ONLY_NAMED.map((name): KnownAction => ({ name, level: 'object', action: undefined })),
  ...Object.entries(CEPH_NAMES).map(([name, action]): KnownAction => ({ name, level: 'bucket', action })),
]
const LOWER = KNOWN.map((known) => ({ known, text: literalOf(known.name.toLowerCase()) }))

/**
 * The actions that `s3:Get*` and the like mean, without regard to case (as in AWS and in Ceph's match_policy). Empty
 * for what means none.
 */
export function readAction(written: string): readonly KnownAction[] {
  const glob = globOf(written.toLowerCase())
  return LOWER.filter(({ text }) => globMatches(glob, text)).map(({ known }) => known)
}
