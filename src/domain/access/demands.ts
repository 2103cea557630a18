import type { Action } from './permissions.ts'

/**
 * What an action demands where no policy speaks:
 * - `anyone`: nothing; `account`: not anonymous;
 * - `bucket-owner`: the bucket's configuration, and what protects its objects, belong to its owner;
 * - `bucket-read` and so on: that permission in the bucket's ACL. Writing and deleting objects is decided by it alone;
 * - `object-read` and so on: that permission in the object's ACL;
 * - `detail-read`, `detail-write`: what an object bears beside its bytes, its metadata and its ACL. RGW asks the
 *   object's ACL for READ or WRITE; AWS leaves it to the owners (see AccessRules.aclsCoverDetails).
 */
export type Demand =
  | 'anyone'
  | 'account'
  | 'bucket-owner'
  | 'bucket-read'
  | 'bucket-write'
  | 'bucket-read-acp'
  | 'bucket-write-acp'
  | 'object-read'
  | 'object-read-acp'
  | 'object-write-acp'
  | 'detail-read'
  | 'detail-write'

/**
 * S3 user guide, "Mapping of ACL permissions and access policy permissions", and Ceph's op_to_perm. Configuration is
 * the owner's in RGW too: its operations ask verify_bucket_owner_or_policy.
 */
const DEMANDS = {
  // RGW answers an anonymous caller with an empty list; a dialect that refuses it does so in the operation.
  's3:ListAllMyBuckets': 'anyone',
  's3:CreateBucket': 'account',
  's3:DeleteBucket': 'bucket-owner',
  's3:DeleteBucketPolicy': 'bucket-owner',
  's3:DeleteBucketWebsite': 'bucket-owner',
  's3:GetAccelerateConfiguration': 'bucket-owner',
  's3:GetAnalyticsConfiguration': 'bucket-owner',
  's3:GetBucketAcl': 'bucket-read-acp',
  's3:GetBucketCORS': 'bucket-owner',
  's3:GetBucketLocation': 'bucket-owner',
  's3:GetBucketLogging': 'bucket-owner',
  's3:GetBucketNotification': 'bucket-owner',
  's3:GetBucketObjectLockConfiguration': 'bucket-owner',
  's3:GetBucketOwnershipControls': 'bucket-owner',
  's3:GetBucketPolicy': 'bucket-owner',
  's3:GetBucketPolicyStatus': 'bucket-owner',
  's3:GetBucketPublicAccessBlock': 'bucket-owner',
  's3:GetBucketQuota': 'bucket-owner',
  's3:GetBucketRequestPayment': 'bucket-owner',
  's3:GetBucketTagging': 'bucket-owner',
  's3:GetBucketVersioning': 'bucket-owner',
  's3:GetBucketWebsite': 'bucket-owner',
  's3:GetEncryptionConfiguration': 'bucket-owner',
  's3:GetIntelligentTieringConfiguration': 'bucket-owner',
  's3:GetInventoryConfiguration': 'bucket-owner',
  's3:GetLifecycleConfiguration': 'bucket-owner',
  's3:GetMetricsConfiguration': 'bucket-owner',
  's3:GetReplicationConfiguration': 'bucket-owner',
  's3:ListBucket': 'bucket-read',
  's3:ListBucketMultipartUploads': 'bucket-read',
  's3:ListBucketVersions': 'bucket-read',
  's3:PostBucketLogging': 'bucket-owner',
  's3:PutAccelerateConfiguration': 'bucket-owner',
  's3:PutAnalyticsConfiguration': 'bucket-owner',
  's3:PutBucketAcl': 'bucket-write-acp',
  's3:PutBucketCORS': 'bucket-owner',
  's3:PutBucketLogging': 'bucket-owner',
  's3:PutBucketNotification': 'bucket-owner',
  's3:PutBucketObjectLockConfiguration': 'bucket-owner',
  's3:PutBucketOwnershipControls': 'bucket-owner',
  's3:PutBucketPolicy': 'bucket-owner',
  's3:PutBucketPublicAccessBlock': 'bucket-owner',
  's3:PutBucketQuota': 'bucket-owner',
  's3:PutBucketRequestPayment': 'bucket-owner',
  's3:PutBucketTagging': 'bucket-owner',
  's3:PutBucketVersioning': 'bucket-owner',
  's3:PutBucketWebsite': 'bucket-owner',
  's3:PutEncryptionConfiguration': 'bucket-owner',
  's3:PutIntelligentTieringConfiguration': 'bucket-owner',
  's3:PutInventoryConfiguration': 'bucket-owner',
  's3:PutLifecycleConfiguration': 'bucket-owner',
  's3:PutMetricsConfiguration': 'bucket-owner',
  's3:PutReplicationConfiguration': 'bucket-owner',
  's3:AbortMultipartUpload': 'bucket-write',
  's3:BypassGovernanceRetention': 'bucket-owner',
  's3:DeleteObject': 'bucket-write',
  's3:DeleteObjectTagging': 'detail-write',
  's3:DeleteObjectVersion': 'bucket-write',
  's3:DeleteObjectVersionTagging': 'detail-write',
  's3:GetObject': 'object-read',
  's3:GetObjectAcl': 'object-read-acp',
  's3:GetObjectAttributes': 'object-read',
  's3:GetObjectLegalHold': 'detail-read',
  's3:GetObjectRetention': 'detail-read',
  's3:GetObjectTagging': 'detail-read',
  's3:GetObjectTorrent': 'object-read',
  's3:GetObjectVersion': 'object-read',
  's3:GetObjectVersionAcl': 'object-read-acp',
  's3:GetObjectVersionAttributes': 'object-read',
  's3:GetObjectVersionTagging': 'detail-read',
  's3:GetObjectVersionTorrent': 'object-read',
  // Whoever may upload parts may see them.
  's3:ListMultipartUploadParts': 'bucket-write',
  's3:PutObject': 'bucket-write',
  's3:PutObjectAcl': 'object-write-acp',
  // A stranger with WRITE must not be able to lock bytes into somebody else's bucket, nor to unlock them.
  's3:PutObjectLegalHold': 'bucket-owner',
  's3:PutObjectRetention': 'bucket-owner',
  's3:PutObjectTagging': 'detail-write',
  's3:PutObjectVersionAcl': 'object-write-acp',
  's3:PutObjectVersionTagging': 'detail-write',
  's3:RestoreObject': 'detail-write',
} as const satisfies Record<Action, Demand>

export function demandOf(action: Action): Demand {
  return DEMANDS[action]
}

/** Whether a demand is met by what belongs to an object, which has to be looked up for it. */
export function concernsObject(demand: Demand): boolean {
  return demand.startsWith('object-') || demand.startsWith('detail-')
}
