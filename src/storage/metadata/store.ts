import { S3Error } from '../../errors.ts'
import type { ChunkFile } from '../chunks/store.ts'
import type { RenderingReader, RenderingWriter } from './rendering-store.ts'
import type {
  Acl,
  BucketRef,
  BucketRow,
  BucketUsage,
  CompletedUpload,
  FileChunk,
  KeyRow,
  ListedBucket,
  ListedVersion,
  LogRecordRow,
  NewBucket,
  NewChunk,
  NewUpload,
  NewVersion,
  ObjectAttributes,
  ObjectPart,
  PartRow,
  ReadSegment,
  RestoredVersion,
  SealedChunk,
  UploadRow,
  UsageRow,
  UserRow,
  Versioning,
  VersionRow,
} from './rows.ts'
import type { BucketSettingName, BucketSettings } from './settings.ts'
import type { OutboxReader, OutboxWriter, TopicReader, TopicWriter } from './topic-store.ts'

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
  readonly users: UserReader
  readonly usage: UsageReader
  readonly logRecords: LogRecordReader
  readonly chunks: ChunkReader
  readonly restored: RestoredReader
  readonly jobState: JobStateReader
  readonly topics: TopicReader
  readonly outbox: OutboxReader
  readonly renderings: RenderingReader
}

export interface WriteTransaction extends ReadTransaction {
  readonly buckets: BucketReader & BucketWriter
  readonly versions: VersionReader & VersionWriter
  readonly manifests: ManifestReader & ManifestWriter
  readonly uploads: UploadReader & UploadWriter
  readonly garbage: GarbageReader & GarbageWriter
  readonly users: UserReader & UserWriter
  readonly usage: UsageReader & UsageWriter
  readonly logRecords: LogRecordReader & LogRecordWriter
  readonly chunks: ChunkReader & ChunkWriter
  readonly restored: RestoredReader & RestoredWriter
  readonly jobState: JobStateReader & JobStateWriter
  readonly topics: TopicReader & TopicWriter
  readonly outbox: OutboxReader & OutboxWriter
  readonly renderings: RenderingReader & RenderingWriter
}

/** A place in the order of keys (UTF-8 bytes): at `key` itself, or behind it. */
export interface KeyPosition {
  readonly key: string
  readonly inclusive: boolean
}

export interface BucketReader {
  find(ref: BucketRef): Promise<BucketRow | undefined>
  findById(id: number): Promise<BucketRow | undefined>
  /** In the order of names. */
  list(range: { ownerId: string; prefix: string; after: string | undefined; limit: number }): Promise<ListedBucket[]>
  /** The buckets that have this setting, in the order of their ids, behind one. */
  listWithSetting(name: BucketSettingName, range: { afterId: number; limit: number }): Promise<BucketRow[]>
  /** All buckets, in the order of tenant and name. */
  listAll(range: { after: BucketRef | undefined; limit: number }): Promise<ListedBucket[]>
  count(ownerId: string): Promise<number>
  usage(bucketId: number): Promise<BucketUsage>
  /** Of all buckets of this owner together. Costs one lookup, however many they are. */
  usageOfOwner(ownerId: string): Promise<BucketUsage>
  /** Whether no version and no delete marker is in it. Open uploads do not count. */
  isEmpty(bucketId: number): Promise<boolean>
}

export interface BucketWriter {
  /** Throws UniqueViolation when the tenant has a bucket of this name. */
  insert(bucket: NewBucket): Promise<BucketRow>
  /** Also aborts and forgets its uploads, whose parts become garbage. The caller has checked isEmpty. */
  remove(bucketId: number, deletableAtMs: number): Promise<void>
  setVersioning(bucketId: number, versioning: Versioning): Promise<void>
  setAcl(bucketId: number, acl: Acl): Promise<void>
  /** From here on its versions can be locked. There is no way back. */
  enableObjectLock(bucketId: number): Promise<void>
  /** The buckets of the new owner's tenant must not have one of this name: UniqueViolation. */
  setOwner(bucketId: number, owner: { ownerId: string; tenant: string }): Promise<void>
  /** Replaces one setting; undefined removes it. */
  setSetting<Name extends BucketSettingName>(
    bucketId: number,
    name: Name,
    value: BucketSettings[Name] | undefined,
  ): Promise<void>
}

export interface VersionReader {
  /** The newest version of the key, which may be a delete marker. */
  latest(ref: { bucketId: number; key: string }): Promise<VersionRow | undefined>
  /** `versionId` may be `null`, the null version. */
  find(ref: { bucketId: number; key: string; versionId: string }): Promise<VersionRow | undefined>
  /** Keys whose latest version is an object, from a position on, within a prefix. Costs nothing for old versions. */
  listCurrent(range: KeyRange & WithAttributes): Promise<ListedVersion[]>
  /** All versions, keys ascending and newest first within a key. `olderThanId` resumes within `from.key`. */
  listAll(range: KeyRange & WithAttributes & { olderThanId: number | undefined }): Promise<ListedVersion[]>
  /** The parts of a completed multipart object. */
  parts(manifestId: number, range: { afterPartNumber: number; limit: number }): Promise<ObjectPart[]>
}

export interface WithAttributes {
  /** Whether the versions come with their attributes: it costs reading and parsing those. */
  readonly withAttributes?: boolean
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
   * release. Pictures that have been rendered of it go with it: their bytes are garbage, deletable from that time on.
   */
  remove(row: VersionRow, deletableAtMs: number): Promise<void>
  /** Replaces what the version bears beside its bytes, in place: its id, its date and its ETag stay. */
  setAttributes(row: VersionRow, attributes: ObjectAttributes): Promise<void>
  /**
   * The version gets another storage class, and with it a manifest of the same bytes elsewhere, in place: its id, its
   * date and its ETag stay, so does the usage, and the sizes of its parts come along. The old manifest is the caller's
   * to release.
   */
  setStorage(row: VersionRow, storage: { storageClass: string; manifestId: number | undefined }): Promise<void>
  /** Replaces the row by one with a new id (a lifecycle-free overwrite in place): remove and insert in one step. */
  replace(old: VersionRow, version: NewVersion, deletableAtMs: number): Promise<VersionRow>
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
  /** Completed and aborted uploads that were initiated later than that count as initiated then. */
  hastenClosed(range: { latestMs: number; limit: number }): Promise<void>
}

export interface GarbageReader {
  /** Chunk files that no row refers to any more and whose rows wait for the file's removal. */
  doomedFiles(limit: number): Promise<ChunkFile[]>
  /** Of these names, the ones that some row refers to, doomed or not. */
  knownFiles(names: readonly string[]): Promise<Set<string>>
  /** File chunks of all stores in the order of names: what a scrub walks. */
  files(range: { after: string; limit: number }): Promise<FileChunk[]>
  /** The stores that rows refer to, the default one left out, in the order of names. */
  stores(): Promise<string[]>
  /** When the next manifest becomes deletable; undefined when there is none. */
  nextDeletableMs(): Promise<number | undefined>
}

export interface GarbageWriter {
  /**
   * Takes apart up to `limit` segments of garbage manifests that are deletable at `nowMs` and not in `pinned`.
   * Returns how many it took: 0 when there is nothing to do. Inline bytes vanish at once; files become doomed.
   */
  collect(step: { nowMs: number; pinned: ReadonlySet<number>; limit: number }): Promise<number>
  /** Manifests that would become deletable later than that become so then. */
  hasten(range: { latestMs: number; limit: number }): Promise<void>
  /** Forgets the rows of files that have been removed. */
  forgetFiles(names: readonly string[]): Promise<void>
}

export interface ChunkReader {
  /** The chunks that bear a wrapped data key, doomed or not, in the order of ids: what a rotation of keys walks. */
  sealed(range: { afterId: number; limit: number }): Promise<SealedChunk[]>
}

export interface ChunkWriter {
  /** The same data key, wrapped anew. False where the chunk is gone, or its key is not the one that was read. */
  setSealedKey(id: number, oldKey: Buffer, newKey: Buffer): Promise<boolean>
}

/**
 * When restored objects can be read, and when they are archived again. It is the job's list of things to look at and no
 * more: whether a version is restored stands in its attributes, and it may be gone, or restored for longer, when its
 * time comes here.
 */
export interface RestoredReader {
  /** In the order of time; behind one of them where it is given. */
  due(range: { nowMs: number; limit: number; after?: RestoredVersion | undefined }): Promise<RestoredVersion[]>
  /** When the next one is due; undefined when there is none. */
  nextDueMs(after?: RestoredVersion): Promise<number | undefined>
}

export interface RestoredWriter {
  /** Noting one twice is noting it once. */
  note(restored: RestoredVersion): Promise<void>
  forget(restored: readonly RestoredVersion[]): Promise<void>
}

/** What jobs keep beside the rows they work on, as JSON under names of their own: `lifecycle/…`. */
export interface JobStateReader {
  /** The caller knows what it has put there. */
  get<State>(name: string): Promise<State | undefined>
  /** In the order of names. */
  list<State>(prefix: string): Promise<{ name: string; value: State }[]>
}

export interface JobStateWriter {
  /** Undefined removes it. */
  set(name: string, value: object | string | number | undefined): Promise<void>
}

export interface UserReader {
  find(id: string): Promise<UserRow | undefined>
  /** Without regard to case. */
  findByEmail(email: string): Promise<UserRow | undefined>
  /** In the order of ids. */
  list(range: { after: string | undefined; limit: number }): Promise<UserRow[]>
  key(accessKey: string): Promise<KeyRow | undefined>
  /** In the order of access keys. */
  keys(userId: string): Promise<KeyRow[]>
}

export interface UserWriter {
  /** Inserts the user, or replaces the one of this id. Throws UniqueViolation for another user's e-mail address. */
  put(user: UserRow): Promise<void>
  /** Also removes its keys. The caller has seen to its buckets. */
  remove(id: string): Promise<void>
  /** Inserts the key, or replaces the one of this access key. */
  putKey(key: KeyRow): Promise<void>
  removeKey(accessKey: string): Promise<void>
}

export interface UsageRange {
  /** All owners where it is undefined. */
  readonly ownerId: string | undefined
  /** Hours from `fromMs` on and before `toMs`. */
  readonly fromMs: number
  readonly toMs: number
}

export interface UsageReader {
  /** In the order of owner, bucket, hour and category; `after` is the last row of the page before. */
  list(range: UsageRange & { bucket?: string; after: UsageRow | undefined; limit: number }): Promise<UsageRow[]>
}

export interface UsageWriter {
  /** Adds each row's numbers to the row of the same owner, bucket, hour and category. */
  add(rows: readonly UsageRow[]): Promise<void>
  /** Removes up to `limit` rows; returns how many. */
  trim(range: UsageRange & { limit: number }): Promise<number>
}

export interface PendingLog {
  readonly bucketId: number
  readonly bucket: BucketRef
  readonly oldestMs: number
  readonly bytes: number
}

export interface LogRecordReader {
  /** Buckets that records wait for, each with the time of its oldest and the bytes of all. */
  pending(): Promise<PendingLog[]>
  /** The records of one bucket behind this id, in the order in which they were added, which is that of their ids. */
  list(range: { bucketId: number; afterId: number; limit: number }): Promise<LogRecordRow[]>
}

export interface LogRecordWriter {
  /** Those of buckets that have been removed meanwhile are left out. */
  add(records: readonly Omit<LogRecordRow, 'id'>[]): Promise<void>
  /** The records of this bucket up to and with this id. */
  remove(range: { bucketId: number; throughId: number }): Promise<void>
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

/** An insert met a row of the same key, or of another value that only one row may have. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation'
}
