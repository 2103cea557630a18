import assert from 'node:assert/strict'
import type { ListedVersion, NewVersion, ObjectAttributes, ObjectPart, VersionRow } from '../rows.ts'
import {
  type KeyRange,
  UniqueViolation,
  type VersionReader,
  type VersionWriter,
  type WithAttributes,
} from '../store.ts'
import { decodeAttributes, decodeChecksum, encodeAttributes } from './attributes.ts'
import { keyBounds } from './key-range.ts'
import type { ManifestSql } from './manifest-sql.ts'
import { dropRenderings, type RenderingSql } from './renderings.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting } from './statement.ts'
import type { CurrentRecord, ListedRecord, VersionRecord, VersionSql, VersionValues } from './version-sql.ts'

/** The statements of the tables that a version's row has a part in. */
export interface VersionTables {
  readonly versions: VersionSql
  readonly renderings: RenderingSql
  readonly manifests: ManifestSql
}

export class VersionReads implements VersionReader {
  protected readonly sql: VersionSql
  readonly #scope: Scope

  constructor(sql: VersionSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async latest({ bucketId, key }: { bucketId: number; key: string }): Promise<VersionRow | undefined> {
    this.#scope.use()
    const current = this.sql.current().get(bucketId, key)
    if (current !== undefined) return toCurrent(current, { bucketId, key })
    const record = this.sql.newestInHistory().get(bucketId, key)
    return record === undefined ? undefined : toRow(record)
  }

  async find(ref: { bucketId: number; key: string; versionId: string }): Promise<VersionRow | undefined> {
    this.#scope.use()
    const record = this.sql.find().get({ bucket_id: ref.bucketId, key: ref.key, version_id: ref.versionId })
    return record === undefined ? undefined : toRow(record)
  }

  async listCurrent(range: KeyRange & WithAttributes): Promise<ListedVersion[]> {
    this.#scope.use()
    const bounds = keyBounds(range.prefix, range.from)
    const list = range.withAttributes === true ? this.sql.listCurrentInFull : this.sql.listCurrent
    const records = list().all({ bucket_id: range.bucketId, limit: range.limit, ...bounds })
    return records.map(toListed)
  }

  async listAll(range: KeyRange & WithAttributes & { olderThanId: number | undefined }): Promise<ListedVersion[]> {
    this.#scope.use()
    const inFull = range.withAttributes === true
    const { bucketId, from, limit, olderThanId } = range
    let records: ListedRecord[] = []
    let position = from
    if (from !== undefined && olderThanId !== undefined && from.key.startsWith(range.prefix)) {
      // What is left of one key first, found by its id: a key may have any number of newer versions.
      const older = inFull ? this.sql.listOlderInFull : this.sql.listOlder
      records = older().all({ bucket_id: bucketId, key: from.key, older_than: olderThanId, limit })
      position = { key: from.key, inclusive: false }
    }
    if (records.length < limit) {
      const bounds = keyBounds(range.prefix, position)
      const all = inFull ? this.sql.listAllInFull : this.sql.listAll
      const rest = all().all({ bucket_id: bucketId, limit: limit - records.length, ...bounds })
      records = records.length === 0 ? rest : records.concat(rest)
    }
    return records.map(toListed)
  }

  async parts(manifestId: number, range: { afterPartNumber: number; limit: number }): Promise<ObjectPart[]> {
    this.#scope.use()
    const records = this.sql.parts().all(manifestId, range.afterPartNumber, range.limit)
    return records.map((record) => ({
      partNumber: record.part_number,
      startBytes: record.start_bytes,
      sizeBytes: record.size_bytes,
      checksum: record.checksum ?? undefined,
    }))
  }
}

export class VersionWrites extends VersionReads implements VersionWriter {
  readonly #tables: VersionTables
  readonly #scope: WriteScope

  constructor(tables: VersionTables, scope: WriteScope) {
    super(tables.versions, scope)
    this.#tables = tables
    this.#scope = scope
  }

  async insert(version: NewVersion): Promise<VersionRow> {
    this.#scope.change()
    const row = this.#insert(version)
    this.#count(version, 1)
    return row
  }

  async remove(row: VersionRow, deletableAtMs: number): Promise<void> {
    this.#scope.change()
    dropRenderings(this.#tables, row, deletableAtMs)
    const wasCurrent = this.#remove(row)
    if (wasCurrent || row.kind === 'delete-marker') this.#promote(row)
    this.#count(row, -1)
  }

  async setAttributes({ bucketId, key, id }: VersionRow, attributes: ObjectAttributes): Promise<void> {
    this.#scope.change()
    const json = encodeAttributes(attributes)
    if (this.sql.setCurrentAttributes().run(json, bucketId, key, id).changes === 1) return
    const { changes } = this.sql.setHistoricAttributes().run(json, bucketId, key, id)
    assert(changes === 1, 'a version gets attributes that was read in this transaction')
  }

  async setStorage(
    row: VersionRow,
    { storageClass, manifestId }: { storageClass: string; manifestId: number | undefined },
  ): Promise<void> {
    this.#scope.change()
    const moves = row.manifestId !== undefined && manifestId !== undefined && manifestId !== row.manifestId
    if (moves) this.sql.copyParts().run(manifestId, row.manifestId)
    const at = [storageClass, manifestId ?? null, row.bucketId, row.key, row.id] as const
    if (this.sql.setCurrentStorage().run(...at).changes === 1) return
    const { changes } = this.sql.setHistoricStorage().run(...at)
    assert(changes === 1, 'a version moves that was read in this transaction')
  }

  async replace(old: VersionRow, version: NewVersion, deletableAtMs: number): Promise<VersionRow> {
    this.#scope.change()
    assert(old.bucketId === version.bucketId && old.key === version.key, 'a version is replaced by one of its key')
    dropRenderings(this.#tables, old, deletableAtMs)
    const id = this.#scope.ids.next()
    const row = { ...version, id, isLatest: true }
    const inPlace =
      version.kind === 'object' &&
      this.sql.replaceCurrent().run(...toValues(row), old.bucketId, old.key, old.id).changes === 1
    if (!inPlace) {
      this.#remove(old)
      this.#insertRow(row)
    }
    this.#count(old, -1)
    this.#count(version, 1)
    return row
  }

  #insert(version: NewVersion): VersionRow {
    const row: VersionRow = { ...version, id: this.#scope.ids.next(), isLatest: true }
    this.#insertRow(row)
    return row
  }

  #insertRow(row: VersionRow): void {
    const values = toValues(row)
    const { bucketId, key } = row
    if (row.kind === 'object') {
      if (this.sql.insertCurrent().run(bucketId, key, ...values).changes === 1) return
      this.#archive(row)
      this.sql.insertCurrent().run(bucketId, key, ...values)
      return
    }
    this.#archive(row)
    inserting(() => this.sql.insertMarker().run(bucketId, key, ...values))
  }

  /** Makes room for a newer version: the current object, if there is one, becomes history. */
  #archive({ bucketId, key, versionId }: VersionRow): void {
    const { changes } = inserting(() => this.sql.archive().run(bucketId, key, versionId))
    if (changes === 1) this.sql.removeArchived().run(bucketId, key)
    else if (this.sql.current().get(bucketId, key) !== undefined) {
      throw new UniqueViolation(`version ${versionId} of ${key} exists`)
    }
  }

  /** Tells whether it was the current object of its key. */
  #remove({ bucketId, key, id }: VersionRow): boolean {
    if (this.sql.removeCurrent().run(bucketId, key, id).changes === 1) return true
    const { changes } = this.sql.removeFromHistory().run(bucketId, key, id)
    assert(changes === 1, 'a version is removed that was read in this transaction')
    return false
  }

  /** After a removal: where no current object is left, the newest of the history is one, if it is an object. */
  #promote({ bucketId, key }: VersionRow): void {
    const ref = { bucket_id: bucketId, key }
    if (this.sql.promote().run(ref).changes === 1) this.sql.removePromoted().run(ref)
  }

  #count(version: NewVersion, sign: 1 | -1): void {
    if (version.kind !== 'object') return
    this.#scope.deltas.addUsage(version.bucketId, { objects: sign, bytes: sign * version.sizeBytes })
  }
}

function toListed(record: ListedRecord): ListedVersion {
  return {
    id: record.id,
    key: record.key,
    versionId: record.version_id,
    isLatest: record.is_latest === 1,
    kind: record.is_delete_marker === 1 ? 'delete-marker' : 'object',
    lastModifiedMs: record.last_modified_ms,
    ownerId: record.owner_id,
    sizeBytes: record.size_bytes,
    etag: record.etag,
    storageClass: record.storage_class,
    appends: record.appends,
    checksum: decodeChecksum(record),
    ...(record.attributes === undefined ? undefined : { attributes: decodeAttributes(record.attributes) }),
  }
}

function toCurrent(record: CurrentRecord, { bucketId, key }: { bucketId: number; key: string }): VersionRow {
  return {
    id: record.id,
    key,
    versionId: record.version_id,
    isLatest: true,
    kind: 'object',
    lastModifiedMs: record.last_modified_ms,
    ownerId: record.owner_id,
    sizeBytes: record.size_bytes,
    etag: record.etag,
    storageClass: record.storage_class,
    appends: record.appends,
    checksum: decodeChecksum(record),
    bucketId,
    partCount: record.part_count,
    manifestId: record.manifest_id ?? undefined,
    attributes: decodeAttributes(record.attributes),
  }
}

function toRow(record: VersionRecord): VersionRow {
  return {
    ...toListed(record),
    bucketId: record.bucket_id,
    partCount: record.part_count,
    manifestId: record.manifest_id ?? undefined,
    attributes: decodeAttributes(record.attributes),
  }
}

function toValues(row: VersionRow): VersionValues {
  return [
    row.id,
    row.versionId,
    row.lastModifiedMs,
    row.ownerId,
    row.sizeBytes,
    row.etag,
    row.storageClass,
    row.appends,
    row.partCount,
    row.manifestId ?? null,
    row.checksum?.algorithm ?? null,
    row.checksum?.value ?? null,
    row.checksum?.type ?? null,
    encodeAttributes(row.attributes),
  ]
}
