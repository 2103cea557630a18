import type { DialectName } from '../config/config.ts'
import type { AccessRules } from '../domain/access/rules.ts'
import type { LocationRule } from '../domain/buckets/location.ts'
import type { BucketNameRule } from '../domain/buckets/name.ts'
import type { EncryptionRules } from '../domain/encryption/rules.ts'
import type { EventRules } from '../domain/notifications/rules.ts'
import type { MissingKeyCode } from '../domain/versions/write.ts'
import type { ErrorCode, S3Error } from '../errors.ts'
import type { CorsDocuments } from './documents/cors.ts'
import type { LifecycleDocuments } from './documents/lifecycle.ts'
import type { NotificationDocuments } from './documents/notifications.ts'
import type { RestoreRules } from './documents/restore.ts'
import type { TopicAnswers } from './documents/topics.ts'
import type { WebsiteRules } from './documents/website.ts'
import type { CorsAnswers } from './headers/cors.ts'

/**
 * The decisions in which the providers contradict each other. Operations of every dialect are served on every listener;
 * only what conflicts asks the dialect.
 */
export interface Dialect {
  readonly name: DialectName
  /** The form of x-amz-request-id. */
  requestId(): string
  /** The value of x-amz-id-2; undefined if the dialect does not send that header. */
  hostId(): string | undefined
  /** Headers of every response that tell the request's id, in order. */
  idHeaders(requestId: string): readonly (readonly [name: string, value: string])[]
  /** An error's code and status as this dialect words it: RGW answers an unknown version with NoSuchKey. */
  wireError(error: S3Error): WireError
  /** The error document's text, with the XML declaration. */
  errorDocument(error: S3Error, request: ErrorContext): string
  /**
   * A website's error page: its type, and what ends it. RGW's pages name no charset and leave their elements open
   * (recorded: website.serve.missing_bucket).
   */
  readonly errorPage: { readonly type: string; readonly end: string }
  /** What a website's error page lists of an error, in order. */
  errorItems(error: S3Error, request: ErrorContext): readonly (readonly [name: string, value: string])[]
  /** Whether a storage class header is printed for STANDARD: ZOS's HEAD samples show it, RGW and AWS leave it out. */
  readonly printsStandardClass: boolean
  /** RGW and ZOS print x-rgw-object-type and listings' Type. */
  readonly rgwExtensions: boolean
  /**
   * RGW answers 200 when the same owner creates a bucket again; AWS does so in its oldest region us-east-1 only, else
   * BucketAlreadyOwnedByYou.
   */
  readonly recreateBucketSucceeds: boolean
  /** Which bucket names are allowed. */
  readonly bucketNames: BucketNameRule
  /** What a LocationConstraint may say. */
  readonly locations: LocationRule
  /** Whether CreateBucket tells a Location and HeadBucket a region. RGW 16.2 does neither (recorded: bucket.create). */
  readonly tellsLocation: boolean
  /** RGW tells a bucket's owner its quotas (recorded: bucket.head); ZOS's sample has none. */
  readonly tellsQuotas: boolean
  /** AWS's paging of ListBuckets; RGW 16.2 ignores it (recorded: service.list_buckets.max_buckets). */
  readonly pagesBuckets: boolean
  /** Storage classes that a PUT may name. */
  readonly storageClasses: readonly string[]
  /** What a RestoreRequest may say: ZOS has one tier, and a month (its manual, 2.19). RGW 16.2 restores nothing. */
  readonly restore: RestoreRules
  /** AWS's default type is binary/octet-stream, as RGW's. */
  readonly defaultContentType: string
  /** User metadata of one object, names and values together, in bytes of UTF-8. */
  readonly metadataBytesMax: number
  /** How access is decided, and what policies may say. */
  readonly access: AccessRules
  /** How objects are encrypted, and what requests may say about it. */
  readonly encryption: EncryptionAnswers
  /**
   * What a grantee in a grant header answers who is nobody, in place of the codes of an ACL document: recorded from RGW
   * 16.2 (object.put_acl.grant_unknown_email). The ZOS manual's table has UnresolvableGrantByEmailAddress.
   */
  readonly unknownHeaderGrantee: 'NoSuchKey' | undefined
  /** Whether grantees that only Amazon has can be named: the log delivery group, and EC2 behind aws-exec-read. */
  readonly knowsAmazonGrantees: boolean
  /** Whether an ACL's groups come first in answers, then accounts by their ids, as in RGW (bucket.get_acl.xml). */
  readonly sortsGrants: boolean
  /** Whether an account in an ACL has an empty EmailAddress beside its id, as the ZOS manual shows (1.10). */
  readonly printsGranteeEmail: boolean
  /** Whether Ceph's admin ops API stands at /admin, as in RGW. On the admin port it stands in every dialect. */
  readonly servesAdminOps: boolean
  /** The status of a deleted bucket policy: RGW 16.2 answers 200 (recorded: policy.delete). */
  readonly deletePolicyStatus: 200 | 204
  /**
   * Whether GetBucketPolicyStatus answers without a policy, as RGW does (recorded: policy.status.none), which counts
   * the bucket's ACL as well (rgw_op.cc); AWS answers NoSuchBucketPolicy.
   */
  readonly answersUnsetPolicyStatus: boolean
  /**
   * Whether GetPublicAccessBlock answers four times false where nothing was set, as RGW does (recorded:
   * bucket.get_sub.publicAccessBlock); AWS answers 404.
   */
  readonly answersUnsetBlocks: boolean
  /** The status of PutBucketTagging and DeleteBucketTagging: RGW 16.2 answers 200 (recorded: bucket_tagging.*). */
  readonly bucketTaggingStatus: 200 | 204
  /** What a preflight request is refused with where no rule matches. */
  readonly corsRefusal: 'AccessDenied' | 'AccessForbidden'
  /** How preflight and cross-origin requests are answered. */
  readonly cors: CorsAnswers
  /** How CORSConfiguration is read and printed. */
  readonly corsDocuments: CorsDocuments
  /** How LifecycleConfiguration is read and printed. */
  readonly lifecycle: LifecycleDocuments
  /** How topics are kept, and how SNS's actions are answered. */
  readonly topics: TopicAnswers
  /** How NotificationConfiguration is taken, read and printed. */
  readonly notifications: NotificationDocuments
  /** How events are told. */
  readonly events: EventRules
  /** Object lock: its documents, its errors, and who may have it. */
  readonly locks: LockRules
  /** What a WebsiteConfiguration may say, and how websites are served. */
  readonly website: WebsiteRules
  /** Tags of one bucket. */
  readonly bucketTagsMax: number
  /** Tags of one object. */
  readonly objectTagsMax: number
  /** RGW keeps a tag key that is given twice (recorded: object.put.tagging_dup); AWS refuses it. */
  readonly allowsDuplicateTags: boolean
  /**
   * AWS allows letters, digits, spaces and `_.:/=+-@` in tags, and keeps keys that begin with `aws:` to itself; RGW
   * takes anything.
   */
  readonly restrictsTagCharacters: boolean
  /** Whether a tag's limits are in bytes of UTF-8, as in RGW and the ZOS manual (1.17), or in AWS's characters. */
  readonly countsTagBytes: boolean
  /** RGW answers tags in the order of their keys (recorded: object_tagging.get.order); elsewhere it is the client's. */
  readonly sortsTags: boolean
  /** RGW remembers an empty set of a bucket's tags (recorded: bucket_tagging.get.empty_set); to AWS it is none. */
  readonly keepsEmptyTagSet: boolean
  /**
   * What too many tags answer in x-amz-tagging and in a document. RGW: recorded (object.put.tagging_11,
   * object_tagging.put.11); AWS: "BadRequest: Object tags cannot be greater than 10" in its users' reports.
   */
  readonly tooManyTags: { readonly header: ErrorCode; readonly document: ErrorCode }
  /** What a tag of x-amz-tagging answers that is too long (recorded: object.put.tagging_bad). */
  readonly badHeaderTag: 'InvalidArgument' | 'InvalidTag'
  /**
   * Whether GetBucketReplication answers a configuration with an empty Role where none was set, as RGW does (recorded:
   * bucket.get_sub.replication); AWS answers 404.
   */
  readonly answersUnsetReplication: boolean
  /**
   * RGW refuses a condition whose date cannot be read (recorded: object.get.if_mod_junk); RFC 9110 and AWS ignore it.
   */
  readonly refusesBadConditionDates: boolean
  /** AWS refuses a version id that is not of an id's form with InvalidArgument; elsewhere it is an unknown version. */
  readonly refusesMalformedVersionIds: boolean
  /** Whether a write's If-None-Match may name ETags, as in RGW. AWS documents `*` alone and answers others 501. */
  readonly writesUnlessETag: boolean
  /** What completing an upload answers to no document at all. AWS distinguishes it from a list without parts. */
  readonly missingPartList: 'MalformedXML' | 'InvalidRequest'
  /** What a write's If-Match answers where there is no object. */
  readonly ifMatchOnMissing: MissingKeyCode
  /** Whether a read that meets a delete marker hears of it: a header, and 405 where the marker was named. */
  readonly revealsMarkers: boolean
  /** Whether a 304 bears its validators, as RFC 9110 section 15.4.5 asks. RGW sends none. */
  readonly validatorsOn304: boolean
  /** RGW's word for an upload whose parts are to be listed and that is not there (recorded: multipart.list_parts). */
  readonly missingUploadOfParts: 'NoSuchKey' | 'NoSuchUpload'
  /** Whether each part of a composite upload must bear its checksum, as in AWS; elsewhere it is computed. */
  readonly demandsPartChecksums: boolean
  /** The Location of a completed upload has `http://`; RGW 16.2 begins it with the host. */
  readonly locationsHaveScheme: boolean
  /**
   * Whether pictures are processed: GetObject with x-zos-process, and ProcessObject, a POST on a key (ZOS manual, 4).
   * To the others the parameter is one that they do not know, and RGW takes such a POST for a form (recorded:
   * object.post_no_sub).
   */
  readonly processesPictures: boolean
  /** How forms are judged and answered (PostObject). */
  readonly forms: FormRules
  /** IBM's own Python example lists its first page with an empty continuation token; AWS refuses that. */
  readonly ignoresEmptyToken: boolean
}

export interface EncryptionAnswers extends EncryptionRules {
  /** Whether aws:kms has to name its key (recorded: object.put.sse_kms_no_key; ZOS manual 1.20). */
  readonly needsKmsKeyId: boolean
  /** ZOS's ids of KMS keys are of a form of their own (its manual, 1.20). */
  readonly kmsKeyIds: 'any' | 'zos'
  /** A method of encryption that nobody knows: recorded object.put.sse_bad; AWS's error list. */
  readonly badAlgorithm: 'InvalidArgument' | 'InvalidEncryptionAlgorithmError'
  /** What GetBucketEncryption answers where nothing is set: ZOS manual 1.21. */
  readonly unset: 'NoSuchEncryptionSetError' | 'ServerSideEncryptionConfigurationNotFoundError'
  /**
   * Whether a bucket's AES256 may name a key, of this many characters (ZOS manual 1.20); elsewhere only aws:kms has.
   */
  readonly namedKeyLength: number | undefined
  /** Whether customers' keys come over TLS only: the configuration says so. */
  readonly customerKeysNeedTls: boolean
}

export interface LockRules {
  /**
   * Whether a bucket that keeps versions can get object lock later. AWS's can since November 2023; Ceph's 16.2 refuses
   * (recorded: object_lock.put.not_enabled_bucket). ZOS's manual does not say (1.23).
   */
  readonly canEnableLater: boolean
  /** RGW's documents bear no namespace (recorded: retention.get.governance, boto3.get_object_lock_configuration). */
  readonly namespace: string | undefined
  /** What a version without retention, or without legal hold, answers to the question for it. */
  readonly unset: 'ObjectLockConfigurationNotFoundError' | 'NoSuchObjectLockConfiguration'
  /** A default retention of no days, or of too many (recorded: object_lock.put.years_neg). */
  readonly badPeriod: 'InvalidRetentionPeriod' | 'InvalidArgument'
  /**
   * Whether what is stored under a lock has to come with a digest, of the header's or of the bucket's making: AWS asks
   * for Content-MD5 or a checksum then (API reference, "PutObject"), Ceph does not.
   */
  readonly demandsDigest: boolean
}

export interface FormRules {
  /** What a POST to a bucket answers that is no form (recorded: bucket.post_no_action); AWS's has a Condition. */
  readonly notAForm: 'InvalidArgument' | 'PreconditionFailed'
  /**
   * Whether a form hears that its signature is wrong or its key unknown. RGW answers AccessDenied to both (recorded:
   * post.v2.bad_signature, post.v2.unknown_key).
   */
  readonly explainsSignatures: boolean
  /**
   * Whether a field that the form does not have meets a condition as an empty one would: RGW's policy environment
   * looks it up so. AWS refuses the form.
   */
  readonly absentFieldsAreEmpty: boolean
  /** Whether the answer bears the object's ETag and Location. RGW 16.2 sends neither (recorded: post.v2.meta_acl). */
  readonly describesObject: boolean
}

export interface WireError {
  readonly code: string
  readonly status: number
}

export interface ErrorContext {
  readonly requestId: string
  /** The bucket once its name has been parsed. */
  readonly bucket: string | undefined
  readonly key: string | undefined
  /** The path as sent. */
  readonly resource: string
}
