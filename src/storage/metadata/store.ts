import { S3Error } from '../../errors.ts'
import type {
  BucketRef,
  BucketRow,
  BucketUsage,
  CompletedUpload,
  ListedVersion,
  NewBucket,
  NewChunk,
  NewUpload,
  NewVersion,
  ObjectPart,
  PartRow,
  ReadSegment,
  UploadRow,
  Versioning,
  VersionRow,
} from './rows.ts'

/**
 * The metadata port. `work` awaits nothing but its transaction and may run twice, so it has no effects outside it.
 * Every engine passes test/contracts/metadata.ts.
 */
export interface MetadataStore {
  /** Runs `work` on a consistent snapshot. */
  read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T>
  /**
   * Runs `work` in a transaction and resolves once its commit is durable. When it rejects, whether `work` threw or the
   * store failed, nothing of it stays, except with UncertainCommit.
   */
  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  stats(): MetadataStats
  close(): Promise<void>
}

export interface MetadataStats {
  readonly databaseBytes: number
  readonly walBytes: number
  /** Transactions per group commit, cumulated since the start. */
  readonly commits: number
  readonly transactions: number
  /** Chunk files that rows refer to, and their bytes. */
  readonly fileChunks: number
  readonly fileChunkBytes: number
}

export interface ReadTransaction {
  readonly buckets: BucketReader
  readonly versions: VersionReader
  readonly manifests: ManifestReader
  readonly uploads: UploadReader
  readonly garbage: GarbageReader
}

export interface WriteTransaction extends ReadTransaction {
  readonly buckets: BucketReader & BucketWriter
  readonly versions: VersionReader & VersionWriter
  readonly manifests: ManifestReader & ManifestWriter
  readonly uploads: UploadReader & UploadWriter
  readonly garbage: GarbageReader & GarbageWriter
}

/** A place in the order of keys (UTF-8 bytes): at `key` itself, or behind it. */
export interface KeyPosition {
  readonly key: string
  readonly inclusive: boolean
}

export interface BucketReader {
  find(ref: BucketRef): Promise<BucketRow | undefined>
  /** In the order of names. */
  list(range: { ownerId: string; prefix: string; after: string | undefined; limit: number }): Promise<BucketRow[]>
  count(ownerId: string): Promise<number>
  usage(bucketId: number): Promise<BucketUsage>
  /** Whether no version and no delete marker is in it. Open uploads do not count. */
  isEmpty(bucketId: number): Promise<boolean>
}

export interface BucketWriter {
  /** Throws UniqueViolation when the tenant has a bucket of this name. */
  insert(bucket: NewBucket): Promise<BucketRow>
  /** Also aborts and forgets its uploads, whose parts become garbage. The caller has checked isEmpty. */
  remove(bucketId: number, deletableAtMs: number): Promise<void>
  setVersioning(bucketId: number, versioning: Versioning): Promise<void>
}

export interface VersionReader {
  /** The newest version of the key, which may be a delete marker. */
  latest(ref: { bucketId: number; key: string }): Promise<VersionRow | undefined>
  /** `versionId` may be `null`, the null version. */
  find(ref: { bucketId: number; key: string; versionId: string }): Promise<VersionRow | undefined>
  /** Keys whose latest version is an object, from a position on, within a prefix. Costs nothing for old versions. */
  listCurrent(range: KeyRange): Promise<ListedVersion[]>
  /** All versions, keys ascending and newest first within a key. `from.olderThan` resumes within `from.key`. */
  listAll(range: KeyRange & { olderThanId: number | undefined }): Promise<ListedVersion[]>
  /** The parts of a completed multipart object. */
  parts(manifestId: number, range: { afterPartNumber: number; limit: number }): Promise<ObjectPart[]>
}

export interface KeyRange {
  readonly bucketId: number
  readonly prefix: string
  /** Undefined: from the first key of the prefix. */
  readonly from: KeyPosition | undefined
  readonly limit: number
}

export interface VersionWriter {
  /** Becomes the latest of its key; the one before it stays. Keeps the bucket's usage. */
  insert(version: NewVersion): Promise<VersionRow>
  /**
   * Removes the row, makes the next newest of its key the latest, keeps the usage. The manifest is the caller's to
   * release.
   */
  remove(row: VersionRow): Promise<void>
  /** Replaces the row by one with a new id (a lifecycle-free overwrite in place): remove and insert in one step. */
  replace(old: VersionRow, version: NewVersion): Promise<VersionRow>
}

export interface ManifestReader {
  /** The segments of `range`, cut to it, in order; at most `limit`. What follows the last one is asked for again. */
  segments(
    manifestId: number,
    range: { offsetBytes: number; lengthBytes: number; limit: number },
  ): Promise<ReadSegment[]>
}

/**
 * A manifest is the ordered list of the chunks of one object version or part. Manifests are counted by the rows that
 * refer to them (a copy shares its source's), chunks by the segments that refer to them.
 */
export interface ManifestWriter {
  /** A manifest with one reference. */
  create(chunks: readonly NewChunk[]): Promise<number>
  /** Adds a chunk at the end. Returns the manifest to refer to from now on: another one if the old one is shared. */
  append(manifestId: number, chunk: NewChunk): Promise<number>
  /** One reference more. */
  share(manifestId: number): Promise<void>
  /** A new manifest of a range of this one; no bytes move. */
  slice(manifestId: number, range: { offsetBytes: number; lengthBytes: number }): Promise<number>
  /** One reference less; without any it becomes garbage, deletable from that time on. */
  release(manifestId: number, deletableAtMs: number): Promise<void>
}

export interface UploadReader {
  /** The key is part of the lookup: an upload id used with another key is not found. */
  find(ref: { uploadId: string; bucketId: number; key: string }): Promise<UploadRow | undefined>
  /** Open uploads in the order of key, then of initiation. `afterUploadId` resumes within `from.key`. */
  list(range: KeyRange & { afterUploadId: string | undefined }): Promise<UploadRow[]>
  part(uploadId: string, partNumber: number): Promise<PartRow | undefined>
  /** When the oldest of the completed and aborted uploads was initiated; undefined when there is none. */
  oldestClosedMs(): Promise<number | undefined>
  /** In the order of part numbers. */
  parts(uploadId: string, range: { afterPartNumber: number; limit: number }): Promise<PartRow[]>
}

export interface UploadWriter {
  insert(upload: NewUpload): Promise<void>
  /** Inserts the part, or replaces the one of this number, whose manifest becomes garbage. */
  putPart(part: PartRow, deletableAtMs: number): Promise<void>
  /**
   * Joins the manifests of these parts, in this order, into one new manifest with one reference, and remembers the
   * parts' sizes for VersionReader.parts. The part rows are consumed; no bytes move.
   */
  assemble(uploadId: string, partNumbers: readonly number[]): Promise<number>
  /** Marks an open upload completed or aborted; what parts it still has become garbage. */
  complete(uploadId: string, result: CompletedUpload, deletableAtMs: number): Promise<void>
  abort(uploadId: string, deletableAtMs: number): Promise<void>
  /** Forgets completed and aborted uploads that were initiated before that time. Returns how many. */
  forgetClosed(range: { initiatedBeforeMs: number; limit: number }): Promise<number>
}

export interface GarbageReader {
  /** Chunk files that no row refers to any more and whose rows wait for the file's removal. */
  doomedFiles(limit: number): Promise<string[]>
  /** Of these names, the ones that some row refers to, doomed or not. */
  knownFiles(names: readonly string[]): Promise<Set<string>>
  /** File chunks in the order of names: what a scrub walks. */
  files(range: { after: string; limit: number }): Promise<{ name: string; sizeBytes: number }[]>
  /** When the next manifest becomes deletable; undefined when there is none. */
  nextDeletableMs(): Promise<number | undefined>
}

export interface GarbageWriter {
  /**
   * Takes apart up to `limit` segments of garbage manifests that are deletable at `nowMs` and not in `pinned`.
   * Returns how many it took: 0 when there is nothing to do. Inline bytes vanish at once; files become doomed.
   */
  collect(step: { nowMs: number; pinned: ReadonlySet<number>; limit: number }): Promise<number>
  /** Forgets the rows of files that have been removed. */
  forgetFiles(names: readonly string[]): Promise<void>
}

/**
 * A transaction was committed, but whether it will still be there after a power failure is not known: its sync failed.
 * Its rows are visible. Bytes that were written for them must stay; if the rows do not, the scrub removes the bytes.
 */
export class UncertainCommit extends S3Error {
  constructor(cause: unknown) {
    super('ServiceUnavailable', { message: 'The storage does not respond.', cause })
  }
}

/** An insert met a row of the same key. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation'
}
