// What a bucket's owner has set about it, as plain data. Each setting is stored by itself under its name here, and all
// of them come with the bucket's row. A setting that is undefined has never been set, or has been deleted.

import type { Grantee, Retention, Tag } from './rows.ts'

export interface BucketSettings {
  /** The policy document exactly as it was put: GetBucketPolicy hands it back byte for byte. */
  readonly policy?: string
  readonly publicAccessBlock?: PublicAccessBlock
  readonly ownership?: ObjectOwnership
  readonly tags?: readonly Tag[]
  readonly cors?: readonly CorsRule[]
  readonly website?: WebsiteConfiguration
  readonly logging?: LoggingTarget
  /** The bucket's own quota, which takes the place of the one that its owner's account has for each bucket. */
  readonly quota?: Quota
  /** Who pays for requests; BucketOwner where it is undefined. */
  readonly requestPayer?: 'BucketOwner' | 'Requester'
  /** What new versions are retained by that bring no retention of their own. Only in buckets with object lock. */
  readonly objectLockRetention?: DefaultRetention
  /** How new objects are encrypted whose request does not say. */
  readonly encryption?: DefaultEncryption
  readonly lifecycle?: LifecycleConfiguration
  /** What topics hear of the bucket's events. */
  readonly notifications?: readonly Notification[]
}

export type BucketSettingName = keyof BucketSettings

/** The four switches of PutPublicAccessBlock. */
export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean
  readonly ignorePublicAcls: boolean
  readonly blockPublicPolicy: boolean
  readonly restrictPublicBuckets: boolean
}

export type ObjectOwnership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter'

/** One rule of PutBucketCors, as it was put. */
export interface CorsRule {
  readonly id: string | undefined
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly string[]
  /** As they were put; they are compared without regard to case. */
  readonly allowedHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly maxAgeSeconds: number | undefined
}

/** Either everything is redirected, or there is an index document and the rest may be there. */
export interface WebsiteConfiguration {
  readonly redirectAllRequestsTo?: { readonly hostName: string; readonly protocol?: 'http' | 'https' }
  readonly indexSuffix?: string
  readonly errorKey?: string
  readonly routingRules: readonly RoutingRule[]
}

export interface RoutingRule {
  readonly condition?: { readonly keyPrefixEquals?: string; readonly httpErrorCodeReturnedEquals?: number }
  readonly redirect: {
    readonly protocol?: 'http' | 'https'
    readonly hostName?: string
    readonly replaceKeyPrefixWith?: string
    readonly replaceKeyWith?: string
    readonly httpRedirectCode?: number
  }
}

/** Where the access log of a bucket goes. */
export interface LoggingTarget {
  /** As it was put: a name, or `tenant:name`. */
  readonly bucket: string
  readonly prefix: string
  /** What others may do with the log's objects, beside the owner of the target. */
  readonly grants: readonly LoggingGrant[]
  /** Whether the request named AWS's simple form of keys, the only one here: GetBucketLogging names it again. */
  readonly namesKeyFormat: boolean
  /** The account that set it: what it may not write any more is not written for it. */
  readonly setBy: string
}

export interface LoggingGrant {
  readonly grantee: Grantee
  readonly permission: 'FULL_CONTROL' | 'READ' | 'WRITE'
}

/** For a number of days or of years, of which there is one. */
export interface DefaultRetention {
  readonly mode: Retention['mode']
  readonly days?: number
  readonly years?: number
}

/** The one rule of PutBucketEncryption. */
export interface DefaultEncryption {
  readonly algorithm: 'AES256' | 'aws:kms'
  readonly kmsKeyId?: string
  readonly bucketKeyEnabled?: boolean
  /** Whether writes with a customer's key (SSE-C) are refused; undefined where nobody has said. */
  readonly blocksCustomerKeys?: boolean
}

/** What PutBucketLifecycleConfiguration has set. */
export interface LifecycleConfiguration {
  /** In the order of the document, of which there is at least one. */
  readonly rules: readonly LifecycleRule[]
  /** Which objects are too small for transitions by rules that say nothing about sizes; none where it is undefined. */
  readonly transitionMinimum?: TransitionMinimum
  /** When it was put, by the domain's clock: it is first carried out at the end of that day. */
  readonly putMs: number
}

/**
 * AWS's two words, below 128 KiB: nothing is moved at all, or to GLACIER and DEEP_ARCHIVE only, as it was before
 * September 2024.
 */
export type TransitionMinimum = 'all_storage_classes_128K' | 'varies_by_storage_class'

export interface LifecycleRule {
  /** A generated one where it had none. */
  readonly id: string
  readonly enabled: boolean
  /** Whether the rule bore the old Prefix element instead of a Filter: it is handed back as it came. */
  readonly isOldForm: boolean
  readonly filter: LifecycleFilter
  readonly expiration?: LifecycleDue & { readonly expiredObjectDeleteMarker?: boolean }
  readonly noncurrentExpiration?: NoncurrentDue
  readonly transitions: readonly (LifecycleDue & { readonly storageClass: string })[]
  readonly noncurrentTransitions: readonly (NoncurrentDue & { readonly storageClass: string })[]
  /** Days after their initiation when open uploads are aborted. */
  readonly abortIncompleteDays?: number
}

/** All that is given must hold. */
export interface LifecycleFilter {
  readonly prefix?: string
  readonly tags: readonly Tag[]
  readonly sizeGreaterThan?: number
  readonly sizeLessThan?: number
  /** Whether several conditions stood in an And. */
  readonly isAnd: boolean
}

/** After days since the version was made, or from a date on; at most one of them. */
export interface LifecycleDue {
  readonly days?: number
  readonly dateMs?: number
}

export interface NoncurrentDue {
  /** Since a newer version took its place. */
  readonly noncurrentDays: number
  /** Noncurrent versions that are kept in any case, the newest of them. */
  readonly newerNoncurrentVersions?: number
}

/** Undefined limits are none. A quota that is not enabled is remembered, and not enforced. */
export interface Quota {
  readonly enabled: boolean
  readonly maxBytes: number | undefined
  readonly maxObjects: number | undefined
}

/** One configuration of PutBucketNotificationConfiguration. */
export interface Notification {
  readonly id: string
  /** Which topic hears of it. It may be gone by now. */
  readonly topic: { readonly tenant: string; readonly name: string }
  /** The topic's name as it was put. */
  readonly arn: string
  /** The element that it was put in. */
  readonly element: 'TopicConfiguration' | 'QueueConfiguration'
  /** As they were put: `s3:ObjectCreated:*`; at least one. */
  readonly events: readonly string[]
  readonly filter?: NotificationFilter
}

/** All of it must hold. */
export interface NotificationFilter {
  readonly prefix?: string
  readonly suffix?: string
  /** Matches the whole key. */
  readonly regex?: string
  /** By the full names of the headers, `x-amz-meta-…`. */
  readonly metadata: readonly Tag[]
  readonly tags: readonly Tag[]
}
