import assert from 'node:assert/strict'
import { crc32c } from '../../../lib/checksums.ts'
import { CorruptChunk, MissingChunk } from '../../chunks/store.ts'
import type { NewChunk, ReadSegment, SealedSegment } from '../rows.ts'
import type { ManifestReader, ManifestWriter } from '../store.ts'
import { type ManifestSql, release, type SegmentRecord } from './manifest-sql.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting } from './statement.ts'

type Range = { readonly offsetBytes: number; readonly lengthBytes: number }

export class ManifestReads implements ManifestReader {
  protected readonly sql: ManifestSql
  readonly #scope: Scope

  constructor(sql: ManifestSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async segments(manifestId: number, range: Range & { limit: number }): Promise<ReadSegment[]> {
    this.#scope.use()
    const { offsetBytes: offset, limit } = range
    const end = offset + range.lengthBytes
    const records =
      offset === 0 ? this.#head(manifestId, { end, limit }) : this.#range(manifestId, { offset, end, limit })
    const segments: ReadSegment[] = []
    for (const record of records) {
      const skip = Math.max(0, offset - record.start_bytes)
      const length = Math.min(record.length_bytes, end - record.start_bytes) - skip
      // Only an offset behind the end of the manifest: its last segment is found, and nothing of it is wanted.
      if (length <= 0) continue
      segments.push(toSegment(record, { manifestId, offset: record.chunk_offset_bytes + skip, length }))
    }
    return segments
  }

  #head(manifestId: number, { end, limit }: { end: number; limit: number }): readonly SegmentRecord[] {
    const first = this.sql.first().get(manifestId)
    if (first !== undefined && first.length_bytes >= end) return [first]
    return this.sql.head().all(manifestId, end, limit)
  }

  #range(manifestId: number, range: { offset: number; end: number; limit: number }): readonly SegmentRecord[] {
    return this.sql.range().all({ manifest_id: manifestId, ...range })
  }
}

export class ManifestWrites extends ManifestReads implements ManifestWriter {
  readonly #scope: WriteScope

  constructor(sql: ManifestSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async create(chunks: readonly NewChunk[]): Promise<number> {
    this.#scope.change()
    const manifestId = this.#scope.ids.next()
    const byFile = new Map<string, number>()
    let startBytes = 0
    for (const chunk of chunks) {
      const chunkId = chunk.place === 'file' ? byFile.get(chunk.name) : undefined
      const added = this.#add(manifestId, { startBytes, chunk, chunkId })
      if (chunk.place === 'file') byFile.set(chunk.name, added.chunkId)
      startBytes += added.lengthBytes
    }
    return manifestId
  }

  async append(manifestId: number, chunk: NewChunk): Promise<number> {
    this.#scope.change()
    this.#assertAlive(manifestId)
    const startBytes = this.#endBytes(manifestId)
    let target = manifestId
    if (this.sql.shares().get(manifestId) !== undefined) {
      target = this.#copy(manifestId, { offsetBytes: 0, lengthBytes: startBytes })
      // It is shared, so this is never its last reference, and no time is needed.
      release(this.sql, { manifestId, deletableAtMs: 0 })
    }
    this.#add(target, { startBytes, chunk })
    return target
  }

  async share(manifestId: number): Promise<void> {
    this.#scope.change()
    this.#assertAlive(manifestId)
    this.sql.share().run(manifestId)
  }

  async slice(manifestId: number, range: Range): Promise<number> {
    this.#scope.change()
    this.#assertAlive(manifestId)
    const end = range.offsetBytes + range.lengthBytes
    assert(end <= this.#endBytes(manifestId), 'a slice lies within its manifest')
    return this.#copy(manifestId, range)
  }

  async release(manifestId: number, deletableAtMs: number): Promise<void> {
    this.#scope.change()
    release(this.sql, { manifestId, deletableAtMs })
  }

  #copy(from: number, range: Range): number {
    const to = this.#scope.ids.next()
    if (range.lengthBytes === 0) return to
    const end = range.offsetBytes + range.lengthBytes
    this.sql.copySegments().run({ from, to, offset: range.offsetBytes, end })
    this.sql.countCopied().run(to)
    return to
  }

  /** Adds a segment, and its chunk where that has no id yet. */
  #add(
    manifestId: number,
    { startBytes, chunk, chunkId: known }: { startBytes: number; chunk: NewChunk; chunkId?: number | undefined },
  ): { chunkId: number; lengthBytes: number } {
    const sizeBytes = plainSize(chunk)
    assert(sizeBytes > 0, 'a chunk has bytes')
    const chunkId = known ?? this.#addChunk(chunk, sizeBytes)
    if (known !== undefined) this.sql.countAgain().run(known)
    const { offsetBytes, lengthBytes } = takenRange(chunk, sizeBytes)
    this.sql.addSegment().run(manifestId, startBytes, chunkId, offsetBytes, lengthBytes)
    return { chunkId, lengthBytes }
  }

  #addChunk(chunk: NewChunk, sizeBytes: number): number {
    const chunkId = this.#scope.ids.next()
    const sealedKey = chunk.sealing?.sealedKey ?? null
    if (chunk.place === 'inline') {
      this.sql.addChunk().run(chunkId, sizeBytes, null, crc32c(chunk.bytes), chunk.bytes, '', sealedKey)
    } else {
      inserting(() => this.sql.addChunk().run(chunkId, sizeBytes, chunk.name, null, null, chunk.store, sealedKey))
      this.#scope.deltas.addFile(1, sizeBytes)
    }
    return chunkId
  }

  #endBytes(manifestId: number): number {
    return this.sql.end().get(manifestId)?.end_bytes ?? 0
  }

  /** Garbage has no way back: its chunks may be gone in a moment. */
  #assertAlive(manifestId: number): void {
    assert(this.sql.isGarbage().get(manifestId) === undefined, `manifest ${manifestId} is garbage`)
  }
}

function plainSize(chunk: NewChunk): number {
  return chunk.place === 'inline' && chunk.sealing === undefined ? chunk.bytes.length : chunk.sizeBytes
}

function takenRange(chunk: NewChunk, sizeBytes: number): Range {
  const whole = { offsetBytes: 0, lengthBytes: sizeBytes }
  const range = 'range' in chunk ? (chunk.range ?? whole) : whole
  assert(range.lengthBytes > 0 && range.offsetBytes + range.lengthBytes <= sizeBytes, 'a segment lies in its chunk')
  return range
}

interface SegmentPart {
  readonly manifestId: number
  readonly offset: number
  readonly length: number
}

function toSegment(record: SegmentRecord, part: SegmentPart): ReadSegment {
  const { bytes, file, store } = record
  if (record.sealed_key !== null) return toSealed(record, { part, sealedKey: record.sealed_key })
  if (file !== null) {
    return { place: 'file', name: file, store: store ?? '', offsetBytes: part.offset, lengthBytes: part.length }
  }
  if (bytes === null) throw missing(record, part)
  if (bytes.length !== record.size_bytes || crc32c(bytes) !== record.crc32c) throw corrupt(record, part)
  const isWhole = part.offset === 0 && part.length === bytes.length
  return { place: 'inline', bytes: isWhole ? bytes : bytes.subarray(part.offset, part.offset + part.length) }
}

function toSealed(record: SegmentRecord, { part, sealedKey }: { part: SegmentPart; sealedKey: Buffer }): SealedSegment {
  const { bytes, file, store } = record
  if (file === null && bytes === null) throw missing(record, part)
  if (bytes !== null && crc32c(bytes) !== record.crc32c) throw corrupt(record, part)
  return {
    place: 'sealed',
    stored: bytes === null ? { place: 'file', name: file ?? '', store: store ?? '' } : { place: 'inline', bytes },
    sealing: { sealedKey },
    chunkBytes: record.size_bytes ?? 0,
    offsetBytes: part.offset,
    lengthBytes: part.length,
  }
}

function missing(record: SegmentRecord, { manifestId }: SegmentPart): Error {
  return new MissingChunk(`manifest ${manifestId} misses a chunk at ${record.start_bytes}`)
}

function corrupt(record: SegmentRecord, { manifestId }: SegmentPart): Error {
  return new CorruptChunk(`inline bytes of manifest ${manifestId} at ${record.start_bytes} fail their CRC32C`)
}
