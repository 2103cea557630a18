// What the metadata engines store, as plain data. Engines know rows and bytes; the rules about them live in domain/.

import type { ChunkFile } from '../chunks/store.ts'
import type { BucketSettings, Quota } from './settings.ts'

export type Versioning = 'off' | 'enabled' | 'suspended'

/** Canned ACLs as S3 names them. The grants they stand for are computed in domain/access. */
export type CannedAcl =
  | 'private'
  | 'public-read'
  | 'public-read-write'
  | 'authenticated-read'
  | 'bucket-owner-read'
  | 'bucket-owner-full-control'

export type GrantPermission = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL'

export type Grantee =
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'all-users' }
  | { readonly kind: 'authenticated-users' }
  /** Amazon's log delivery group, which AWS alone knows. */
  | { readonly kind: 'log-delivery' }

/** One line of an ACL. */
export interface Grant {
  readonly grantee: Grantee
  readonly permission: GrantPermission
}

/** A canned ACL is kept by its name, and computed into grants where it is asked or shown; others as their grants. */
export type Acl = CannedAcl | { readonly grants: readonly Grant[] }

export interface BucketRef {
  /** The tenant's name, empty for the default one. Tenants separate bucket namespaces. */
  readonly tenant: string
  readonly name: string
}

export interface NewBucket extends BucketRef {
  readonly ownerId: string
  readonly createdMs: number
  readonly versioning: Versioning
  readonly objectLock: boolean
  /** The LocationConstraint as the client gave it; empty for the server's own region. */
  readonly location: string
  readonly storageClass: string
  /** ZOS's AZPolicy: `single-az` or `multi-az`. */
  readonly azPolicy: string | undefined
  readonly acl: Acl
  /** What the bucket is born with; nothing where it is left out. */
  readonly settings?: BucketSettings
}

export interface BucketRow extends NewBucket {
  readonly id: number
  readonly settings: BucketSettings
}

/** What ListBuckets needs of a bucket: its settings may be long and stay where they are. */
export type ListedBucket = Omit<BucketRow, 'settings'>

/** Of a bucket, or of all buckets of one owner. */
export interface BucketUsage {
  /** Object versions that bear data, current or not; delete markers do not count. */
  readonly objects: number
  /** Their bytes, summed. */
  readonly bytes: number
}

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE'
  readonly retainUntilMs: number
}

/** Everything about an object that is given at its creation and handed back when it is read. */
export interface ObjectAttributes {
  readonly contentType: string | undefined
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  /** The Expires header, verbatim: S3 does not interpret it. */
  readonly expires?: string
  readonly websiteRedirectLocation?: string
  /** User metadata, names in lower case and without `x-amz-meta-`, in the order they came. */
  readonly metadata: Readonly<Record<string, string>>
  /** Tags in the order they came. */
  readonly tags: readonly Tag[]
  readonly acl: Acl
  readonly retention?: Retention
  readonly legalHold?: boolean
  /** Undefined for bytes that are stored as they came. */
  readonly encryption?: EncryptionInfo
  /** Of an archived object: its last restore, until that has ended. */
  readonly restore?: RestoreState
}

/**
 * How an object's bytes are encrypted, as its headers name it and as later requests are held against it. The keys
 * themselves stand with the chunks.
 */
export interface EncryptionInfo {
  /** `customer`: by a key that the client keeps, and sends with each request (SSE-C). */
  readonly algorithm: 'AES256' | 'aws:kms' | 'customer'
  /** Of aws:kms: the key's name as it was given, or the default key's. */
  readonly kmsKeyId?: string
  readonly bucketKeyEnabled?: boolean
  /** Of aws:kms: the encryption context as it was sent, base64. */
  readonly context?: string
  /** Of a customer's key: the MD5 of the key, base64. */
  readonly customerKeyMd5?: string
}

/** Times by the domain's clock, which alone decides: before `readyMs` it is under way, from `untilMs` on it is over. */
export interface RestoreState {
  readonly requestedMs: number
  readonly readyMs: number
  readonly days: number
  readonly untilMs: number
}

export interface Tag {
  readonly key: string
  readonly value: string
}

export interface NewVersion {
  readonly bucketId: number
  readonly key: string
  /** 31 characters, or `null` for the null version. */
  readonly versionId: string
  readonly kind: 'object' | 'delete-marker'
  readonly lastModifiedMs: number
  readonly ownerId: string
  readonly sizeBytes: number
  /** Without quotes; empty for a delete marker. */
  readonly etag: string
  readonly storageClass: string
  /** How many appends made it; 0 for an object that was not made by append (RGW's type Normal). */
  readonly appends: number
  readonly manifestId: number | undefined
  readonly checksum: Checksum | undefined
  /** How many parts a multipart upload gave it; 0 for an object put whole. */
  readonly partCount: number
  readonly attributes: ObjectAttributes
}

export interface VersionRow extends NewVersion {
  /** Grows with every insertion: among the versions of one key the largest id is the latest. */
  readonly id: number
  readonly isLatest: boolean
}

/** What a listing needs of a version. */
export type ListedVersion = Pick<
  VersionRow,
  | 'id'
  | 'key'
  | 'versionId'
  | 'isLatest'
  | 'kind'
  | 'lastModifiedMs'
  | 'ownerId'
  | 'sizeBytes'
  | 'etag'
  | 'storageClass'
  | 'appends'
  | 'checksum'
> & {
  /** Only where the listing was asked for them. */
  readonly attributes?: ObjectAttributes
}

/** One part of a completed multipart object, in order; offsets follow from the sizes. */
export interface ObjectPart {
  readonly partNumber: number
  readonly startBytes: number
  readonly sizeBytes: number
  readonly checksum: string | undefined
}

/** What makes a chunk's bytes unreadable without a key. Every sealed chunk has a data key of its own. */
export interface ChunkSealing {
  /** The data key, wrapped; the wrapped form says itself which key wrapped it. */
  readonly sealedKey: Buffer
}

/**
 * Bytes that a manifest is made of: small ones in the database, larger ones in a file of the chunk store. Sizes are of
 * the plain text; a sealed chunk is stored with more bytes, as many as domain/bytes/seal.ts says. A file that a
 * manifest names again is the same chunk, of which it takes another range.
 */
export type NewChunk =
  | { readonly place: 'inline'; readonly bytes: Buffer; readonly sealing?: undefined }
  /** `bytes` are the stored ones. */
  | (SealedExtent & { readonly place: 'inline'; readonly bytes: Buffer; readonly sealing: ChunkSealing })
  | (ChunkFile & SealedExtent & { readonly place: 'file'; readonly sealing?: ChunkSealing })

interface SealedExtent {
  /** Of the whole chunk. */
  readonly sizeBytes: number
  /** What of it the manifest takes, all where it is undefined: a sealed chunk cannot be cut where it is moved. */
  readonly range?: { readonly offsetBytes: number; readonly lengthBytes: number }
}

/** A run of bytes to read, in the object's order. Offsets and lengths are of the plain text. */
export type ReadSegment =
  | { readonly place: 'inline'; readonly bytes: Buffer }
  | (ChunkFile & { readonly place: 'file'; readonly offsetBytes: number; readonly lengthBytes: number })
  | SealedSegment

export interface SealedSegment {
  readonly place: 'sealed'
  /** The whole chunk as it is stored. */
  readonly stored: { readonly place: 'inline'; readonly bytes: Buffer } | (ChunkFile & { readonly place: 'file' })
  readonly sealing: ChunkSealing
  /** The plain size of the whole chunk. */
  readonly chunkBytes: number
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** A chunk that bears a wrapped data key. */
export interface SealedChunk {
  readonly id: number
  readonly sealedKey: Buffer
}

/** A file chunk in use, for whoever looks whether the file is sound. */
export interface FileChunk extends ChunkFile {
  /** Of the plain text. */
  readonly sizeBytes: number
  readonly isSealed: boolean
}

/** A restored object whose time will be over. */
export interface RestoredVersion {
  readonly dueMs: number
  readonly bucketId: number
  readonly key: string
  readonly versionId: string
}

export interface NewUpload {
  readonly uploadId: string
  readonly bucketId: number
  readonly key: string
  readonly initiatedMs: number
  readonly ownerId: string
  readonly storageClass: string
  readonly attributes: ObjectAttributes
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE' | undefined
}

export interface UploadRow extends NewUpload {
  readonly state: 'open' | 'completed' | 'aborted'
  /** What CompleteMultipartUpload answered, so that repeating it answers the same. */
  readonly completed: CompletedUpload | undefined
}

export interface CompletedUpload {
  readonly etag: string
  readonly versionId: string
  readonly checksum: Checksum | undefined
  readonly encryption?: EncryptionInfo | undefined
}

export interface PartRow {
  readonly uploadId: string
  readonly partNumber: number
  readonly sizeBytes: number
  /** MD5 in hex, or as many random digits where the provider hides it. */
  readonly etag: string
  readonly checksum: Checksum | undefined
  readonly lastModifiedMs: number
  readonly manifestId: number
}

/** A user of the store. The root account has none: it is made of the configuration at each start. */
export interface UserRow {
  /** The canonical user id, `tenant$uid` in a tenant, that owners and grants bear. */
  readonly id: string
  /** Empty for the default tenant. */
  readonly tenant: string
  /** The id within the tenant. */
  readonly uid: string
  readonly displayName: string
  /** Unique among the users that have one, without regard to case. */
  readonly email: string | undefined
  readonly suspended: boolean
  /** Buckets it may own, by Ceph's rule: 0 is any number, and a negative number none at all. */
  readonly maxBuckets: number
  /** Ceph's capabilities in normal form: `buckets=read;users=*`; empty without any. */
  readonly caps: string
  /** What all its buckets together may hold. */
  readonly quota: Quota | undefined
  /** What each of its buckets may hold that has no quota of its own. */
  readonly bucketQuota: Quota | undefined
  /** Whether the configuration file names the user. */
  readonly isConfigured: boolean
  readonly createdMs: number
}

export interface KeyRow {
  readonly accessKey: string
  readonly userId: string
  /** The secret key as the key ring has sealed it; never plain text. */
  readonly sealedSecret: Buffer
  /** Whether the configuration file names the key: it goes when the file no longer does. */
  readonly isConfigured: boolean
  readonly createdMs: number
}

/** What requests of one kind have cost, within one hour, in one bucket of one owner. */
export interface UsageRow {
  /** Whose bucket it was; the caller where the request named none. */
  readonly ownerId: string
  /** Empty for requests that named none. */
  readonly bucket: string
  /** The hour's beginning, in milliseconds since the epoch. */
  readonly hourMs: number
  /** Ceph's word for the kind of request: `put_obj`, `list_buckets` … */
  readonly category: string
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly operations: number
  readonly successfulOperations: number
}

/** One line of an access log that waits for its delivery. */
export interface LogRecordRow {
  readonly id: number
  /** The bucket that was asked; its settings say where the record goes. */
  readonly bucketId: number
  readonly atMs: number
  /** In AWS's format, without the line feed. */
  readonly line: string
}
