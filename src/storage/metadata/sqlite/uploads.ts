import assert from 'node:assert/strict'
import type { CompletedUpload, NewUpload, PartRow, UploadRow } from '../rows.ts'
import type { KeyRange, UploadReader, UploadWriter } from '../store.ts'
import { decodeAttributes, decodeChecksum, encodeAttributes, encodeChecksum } from './attributes.ts'
import { keyBounds } from './key-range.ts'
import { type ManifestSql, release, releaseAll } from './manifest-sql.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting } from './statement.ts'
import type { PartRecord, UploadRecord, UploadSql } from './upload-sql.ts'

export class UploadReads implements UploadReader {
  protected readonly sql: UploadSql
  readonly #scope: Scope

  constructor(sql: UploadSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async find(ref: { uploadId: string; bucketId: number; key: string }): Promise<UploadRow | undefined> {
    this.#scope.use()
    const record = this.sql.find().get({ upload_id: ref.uploadId, bucket_id: ref.bucketId, key: ref.key })
    return record === undefined ? undefined : toUpload(record)
  }

  async list(range: KeyRange & { afterUploadId: string | undefined }): Promise<UploadRow[]> {
    this.#scope.use()
    const { bucketId, from, limit, afterUploadId: after } = range
    let records: UploadRecord[] = []
    let position = from
    if (from !== undefined && after !== undefined && from.key.startsWith(range.prefix)) {
      records = this.sql.listRestOfKey().all({ bucket_id: bucketId, key: from.key, after, limit })
      position = { key: from.key, inclusive: false }
    }
    if (records.length < limit) {
      const bounds = keyBounds(range.prefix, position)
      const rest = this.sql.list().all({ bucket_id: bucketId, limit: limit - records.length, ...bounds })
      records = records.concat(rest)
    }
    return records.map(toUpload)
  }

  async part(uploadId: string, partNumber: number): Promise<PartRow | undefined> {
    this.#scope.use()
    const record = this.sql.part().get(uploadId, partNumber)
    return record === undefined ? undefined : toPart(record)
  }

  async oldestClosedMs(): Promise<number | undefined> {
    this.#scope.use()
    return this.sql.oldestClosed().get()?.initiated_ms ?? undefined
  }

  async parts(uploadId: string, range: { afterPartNumber: number; limit: number }): Promise<PartRow[]> {
    this.#scope.use()
    return this.sql.parts().all(uploadId, range.afterPartNumber, range.limit).map(toPart)
  }
}

export class UploadWrites extends UploadReads implements UploadWriter {
  readonly #scope: WriteScope
  readonly #manifests: ManifestSql

  constructor(sql: { uploads: UploadSql; manifests: ManifestSql }, scope: WriteScope) {
    super(sql.uploads, scope)
    this.#scope = scope
    this.#manifests = sql.manifests
  }

  async insert(upload: NewUpload): Promise<void> {
    this.#scope.change()
    inserting(() =>
      this.sql.insert().run({
        upload_id: upload.uploadId,
        bucket_id: upload.bucketId,
        key: upload.key,
        state: 'open',
        initiated_ms: upload.initiatedMs,
        owner_id: upload.ownerId,
        storage_class: upload.storageClass,
        checksum_algorithm: upload.checksumAlgorithm ?? null,
        checksum_type: upload.checksumType ?? null,
        completed: null,
        attributes: encodeAttributes(upload.attributes),
      }),
    )
  }

  async putPart(part: PartRow, deletableAtMs: number): Promise<void> {
    this.#scope.change()
    const old = this.sql.part().get(part.uploadId, part.partNumber)
    if (old !== undefined) release(this.#manifests, { manifestId: old.manifest_id, deletableAtMs })
    this.sql.putPart().run({
      upload_id: part.uploadId,
      part_number: part.partNumber,
      size_bytes: part.sizeBytes,
      etag: part.etag,
      ...encodeChecksum(part.checksum),
      last_modified_ms: part.lastModifiedMs,
      manifest_id: part.manifestId,
    })
  }

  async assemble(uploadId: string, partNumbers: readonly number[]): Promise<number> {
    this.#scope.change()
    const manifestId = this.#scope.ids.next()
    const target = { upload_id: uploadId, manifest_id: manifestId }
    this.sql.emptyAssembly().run()
    const wanted = { upload_id: uploadId, part_numbers: JSON.stringify(partNumbers) }
    const { changes } = this.sql.collectAssembly().run(wanted)
    assert(changes === partNumbers.length, 'the caller has checked that every part exists')
    this.sql.insertSegments().run(target)
    this.sql.insertObjectParts().run(target)
    this.sql.countSharedChunks().run()
    this.sql.removeMovedSegments().run()
    this.sql.removeMovedShares().run()
    this.sql.lowerShares().run()
    this.sql.removeAssembledParts().run(uploadId)
    this.sql.emptyAssembly().run()
    return manifestId
  }

  async complete(uploadId: string, result: CompletedUpload, deletableAtMs: number): Promise<void> {
    this.#close(uploadId, { state: 'completed', completed: JSON.stringify(result) })
    this.#releaseParts(uploadId, deletableAtMs)
  }

  async abort(uploadId: string, deletableAtMs: number): Promise<void> {
    this.#close(uploadId, { state: 'aborted', completed: null })
    this.#releaseParts(uploadId, deletableAtMs)
  }

  async forgetClosed(range: { initiatedBeforeMs: number; limit: number }): Promise<number> {
    this.#scope.change()
    return this.sql.forgetClosed().run(range.initiatedBeforeMs, range.limit).changes
  }

  async hastenClosed({ latestMs, limit }: { latestMs: number; limit: number }): Promise<void> {
    this.#scope.change()
    this.sql.hastenClosed().run({ latest_ms: latestMs, limit })
  }

  #close(uploadId: string, end: { state: 'completed' | 'aborted'; completed: string | null }): void {
    this.#scope.change()
    const { changes } = this.sql.close().run({ upload_id: uploadId, ...end })
    assert(changes === 1, 'the caller has checked that the upload is open')
  }

  #releaseParts(uploadId: string, deletableAtMs: number): void {
    const manifestIds = this.sql
      .partManifests()
      .all(uploadId)
      .map((part) => part.manifest_id)
    if (manifestIds.length === 0) return
    releaseAll(this.#manifests, { manifestIds, deletableAtMs })
    this.sql.forgetParts().run(uploadId)
  }
}

function toUpload(record: UploadRecord): UploadRow {
  return {
    uploadId: record.upload_id,
    bucketId: record.bucket_id,
    key: record.key,
    state: record.state,
    initiatedMs: record.initiated_ms,
    ownerId: record.owner_id,
    storageClass: record.storage_class,
    attributes: decodeAttributes(record.attributes),
    checksumAlgorithm: record.checksum_algorithm ?? undefined,
    checksumType: record.checksum_type ?? undefined,
    completed: record.completed === null ? undefined : decodeCompleted(record.completed),
  }
}

function decodeCompleted(json: string): CompletedUpload {
  const { etag, versionId, checksum, encryption } = JSON.parse(json) as CompletedUpload
  return { etag, versionId, checksum, encryption }
}

function toPart(record: PartRecord): PartRow {
  return {
    uploadId: record.upload_id,
    partNumber: record.part_number,
    sizeBytes: record.size_bytes,
    etag: record.etag,
    checksum: decodeChecksum(record),
    lastModifiedMs: record.last_modified_ms,
    manifestId: record.manifest_id,
  }
}
