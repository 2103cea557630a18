// What the metadata engines store, as plain data. Engines know rows and bytes; the rules about them live in domain/.

export type Versioning = 'off' | 'enabled' | 'suspended'

/** Canned ACLs as S3 names them. The grants they stand for are computed in domain/access. */
export type CannedAcl =
  | 'private'
  | 'public-read'
  | 'public-read-write'
  | 'authenticated-read'
  | 'bucket-owner-read'
  | 'bucket-owner-full-control'

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
  readonly acl: CannedAcl
}

export interface BucketRow extends NewBucket {
  readonly id: number
}

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
  readonly acl: CannedAcl
  readonly retention?: Retention
  readonly legalHold?: boolean
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
>

/** One part of a completed multipart object, in order; offsets follow from the sizes. */
export interface ObjectPart {
  readonly partNumber: number
  readonly startBytes: number
  readonly sizeBytes: number
  readonly checksum: string | undefined
}

/** Bytes that a manifest is made of: small ones in the database, larger ones in a file of the chunk store. */
export type NewChunk =
  | { readonly place: 'inline'; readonly bytes: Buffer }
  | { readonly place: 'file'; readonly name: string; readonly sizeBytes: number }

/** A run of bytes to read, in the object's order. */
export type ReadSegment =
  | { readonly place: 'inline'; readonly bytes: Buffer }
  | { readonly place: 'file'; readonly name: string; readonly offsetBytes: number; readonly lengthBytes: number }

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
}

export interface PartRow {
  readonly uploadId: string
  readonly partNumber: number
  readonly sizeBytes: number
  /** MD5 in hex. */
  readonly etag: string
  readonly checksum: Checksum | undefined
  readonly lastModifiedMs: number
  readonly manifestId: number
}
