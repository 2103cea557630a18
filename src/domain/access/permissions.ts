import type { Capability } from '../../config/capabilities.ts'
import type { TopicAction } from '../topics/policy.ts'

/**
 * The permissions of S3's policy language that the operations need, served or not: a policy may name each of them.
 * What they are on is the policy's Resource.
 */
export const SERVICE_ACTIONS = ['s3:ListAllMyBuckets'] as const

/** Service authorization reference, "Actions defined by Amazon S3", and Ceph's rgw_iam_policy table. */
export const BUCKET_ACTIONS = [
  's3:CreateBucket',
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:DeleteBucketWebsite',
  's3:GetAccelerateConfiguration',
  's3:GetAnalyticsConfiguration',
  's3:GetBucketAcl',
  's3:GetBucketCORS',
  's3:GetBucketLocation',
  's3:GetBucketLogging',
  's3:GetBucketNotification',
  's3:GetBucketObjectLockConfiguration',
  's3:GetBucketOwnershipControls',
  's3:GetBucketPolicy',
  's3:GetBucketPolicyStatus',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketQuota',
  's3:GetBucketRequestPayment',
  's3:GetBucketTagging',
  's3:GetBucketVersioning',
  's3:GetBucketWebsite',
  's3:GetEncryptionConfiguration',
  's3:GetIntelligentTieringConfiguration',
  's3:GetInventoryConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetMetricsConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListBucket',
  's3:ListBucketMultipartUploads',
  's3:ListBucketVersions',
  's3:PostBucketLogging',
  's3:PutAccelerateConfiguration',
  's3:PutAnalyticsConfiguration',
  's3:PutBucketAcl',
  's3:PutBucketCORS',
  's3:PutBucketLogging',
  's3:PutBucketNotification',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPolicy',
  's3:PutBucketPublicAccessBlock',
  's3:PutBucketQuota',
  's3:PutBucketRequestPayment',
  's3:PutBucketTagging',
  's3:PutBucketVersioning',
  's3:PutBucketWebsite',
  's3:PutEncryptionConfiguration',
  's3:PutIntelligentTieringConfiguration',
  's3:PutInventoryConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutMetricsConfiguration',
  's3:PutReplicationConfiguration',
] as const

export const OBJECT_ACTIONS = [
  's3:AbortMultipartUpload',
  's3:BypassGovernanceRetention',
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersion',
  's3:DeleteObjectVersionTagging',
  's3:GetObject',
  's3:GetObjectAcl',
  's3:GetObjectAttributes',
  's3:GetObjectLegalHold',
  's3:GetObjectRetention',
  's3:GetObjectTagging',
  's3:GetObjectTorrent',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionTagging',
  's3:GetObjectVersionTorrent',
  's3:ListMultipartUploadParts',
  's3:PutObject',
  's3:PutObjectAcl',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectTagging',
  's3:PutObjectVersionAcl',
  's3:PutObjectVersionTagging',
  's3:RestoreObject',
] as const

export type BucketAction = (typeof BUCKET_ACTIONS)[number]
export type ObjectAction = (typeof OBJECT_ACTIONS)[number]
export type Action = (typeof SERVICE_ACTIONS)[number] | BucketAction | ObjectAction

export type Permission =
  | { readonly action: 's3:ListAllMyBuckets' }
  | { readonly action: Action; readonly bucket: string; readonly tenant: string }
  | {
      readonly action: Action
      readonly bucket: string
      readonly tenant: string
      readonly key: string
      readonly versionId?: string
    }
  /** On keys that the body names. The operation asks for each of them by Context.authorizeEach. */
  | { readonly action: ObjectAction; readonly bucket: string; readonly tenant: string; readonly keys: 'in-body' }
  /** Of an account. On which topic, and whether that is open to the account, is decided when the topic is known. */
  | { readonly topicAction: TopicAction }
  /** For the admin API: a capability of the caller's account. */
  | { readonly capability: Capability; readonly access: 'read' | 'write' }
