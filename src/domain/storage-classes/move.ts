import { type ChunkFile, MissingChunk } from '../../storage/chunks/store.ts'
import type { NewChunk, ReadSegment, SealedSegment } from '../../storage/metadata/rows.ts'
import type { ResolvedRange } from '../bytes/range.ts'
import { sealedSize } from '../bytes/seal.ts'
import { renewWrapping } from '../encryption/data-key.ts'
import type { Services } from '../services.ts'

/** Segments of one metadata read. Plain ones of a page that follow each other become one chunk. */
const SEGMENTS_PER_PAGE = 16

/** What of the services this needs. */
export type MovingServices = Pick<Services, 'chunks' | 'ids' | 'keyRing' | 'metadata' | 'pins'>

export interface Move {
  readonly manifestId: number
  readonly range: ResolvedRange
  /** Where the bytes are to lie. */
  readonly store: string
}

/** Bytes that have been copied to where they are to lie, until a row refers to them. */
export interface Moved {
  /** In their order: what the new manifest is made of. */
  readonly chunks: readonly NewChunk[]
  /** For whoever fails to refer to them in a row. Never throws: what it misses the scrub finds. */
  discard(): Promise<void>
}

/**
 * Copies bytes to another store, as they are stored: sealed ones stay sealed, and no key is asked for. Undefined where
 * all of them lie there already. Nothing stays on any failure but what a crash leaves for the scrub.
 * @throws S3Error ServiceUnavailable; MissingChunk, CorruptChunk; the signal's reason
 */
export async function moveBytes(services: MovingServices, move: Move, signal: AbortSignal): Promise<Moved | undefined> {
  // Without other stores nothing can lie in one: most servers are asked for no segment.
  if (!services.chunks.isDivided || move.range.lengthBytes === 0) return undefined
  const unpin = services.pins.pin(move.manifestId)
  try {
    if (await liesThere(services, move)) return undefined
    return await copy(services, move, signal)
  } finally {
    unpin()
  }
}

/** Small plain bytes are at home in the database where the default folder is; a folder of its own holds them all. */
async function liesThere(services: MovingServices, { store, ...move }: Move): Promise<boolean> {
  for await (const page of pagesOf(services, move)) {
    if (page.some((segment) => storeOf(segment) !== store)) return false
  }
  return true
}

function storeOf(segment: ReadSegment): string {
  const stored = segment.place === 'sealed' ? segment.stored : segment
  return stored.place === 'file' ? stored.store : ''
}

async function copy(services: MovingServices, { store, ...move }: Move, signal: AbortSignal): Promise<Moved> {
  const files: ChunkFile[] = []
  const discard = () => services.chunks.remove(files).catch(() => undefined)
  const writer: Writer = {
    services,
    signal,
    sealed: new Map(),
    newFile() {
      const file = { name: services.ids.chunkName(), store }
      files.push(file)
      return file
    },
  }
  try {
    const chunks: MovedChunk[] = []
    for await (const page of pagesOf(services, move)) {
      for (const run of runsOf(page)) chunks.push(await copyRun(writer, run))
    }
    return { chunks: await renewed(services, chunks), discard }
  } catch (cause) {
    await discard()
    throw cause
  }
}

async function* pagesOf(
  { metadata }: Pick<Services, 'metadata'>,
  { manifestId, range }: Omit<Move, 'store'>,
): AsyncGenerator<ReadSegment[]> {
  const end = range.offsetBytes + range.lengthBytes
  for (let offsetBytes = range.offsetBytes; offsetBytes < end; ) {
    const rest = { offsetBytes, lengthBytes: end - offsetBytes, limit: SEGMENTS_PER_PAGE }
    const page = await metadata.read((tx) => tx.manifests.segments(manifestId, rest))
    if (page.length === 0) throw new MissingChunk(`Manifest ${manifestId} has no bytes from ${offsetBytes} on.`)
    for (const segment of page) offsetBytes += lengthOf(segment)
    yield page
  }
}

type PlainSegment = Exclude<ReadSegment, SealedSegment>
/** What becomes one chunk. */
type Run = readonly PlainSegment[] | SealedSegment

function runsOf(page: readonly ReadSegment[]): Run[] {
  const runs: (PlainSegment[] | SealedSegment)[] = []
  for (const segment of page) {
    const last = runs.at(-1)
    if (segment.place === 'sealed') runs.push(segment)
    else if (Array.isArray(last)) last.push(segment)
    else runs.push([segment])
  }
  return runs
}

type MovedChunk = Extract<NewChunk, { place: 'file' }>

interface Writer {
  readonly services: MovingServices
  readonly signal: AbortSignal
  /** Sealed files that have been moved, by their old names: an upload may have taken a chunk in a thousand parts. */
  readonly sealed: Map<string, ChunkFile>
  newFile(): ChunkFile
}

async function copyRun(writer: Writer, run: Run): Promise<MovedChunk> {
  if (!('length' in run)) return await copySealed(writer, run)
  const { services, signal, newFile } = writer
  const file = newFile()
  const { sizeBytes } = await services.chunks.put(file, bytesOf(services, run, signal), { signal })
  return { place: 'file', ...file, sizeBytes }
}

async function copySealed({ services, signal, newFile, sealed }: Writer, run: SealedSegment): Promise<MovedChunk> {
  const { chunkBytes, offsetBytes, lengthBytes, sealing, stored } = run
  const known = stored.place === 'file' ? sealed.get(stored.name) : undefined
  const file = known ?? newFile()
  if (known === undefined) await services.chunks.put(file, bytesOf(services, run, signal), { signal })
  if (stored.place === 'file') sealed.set(stored.name, file)
  return { place: 'file', ...file, sizeBytes: chunkBytes, sealing, range: { offsetBytes, lengthBytes } }
}

/**
 * Moving many chunks may take hours. If the keys are rotated meanwhile nothing renews what no row refers to yet, and
 * the ring may forget the old keys: so this comes when all bytes have been moved, moments before the commit.
 */
async function renewed({ keyRing }: MovingServices, chunks: readonly MovedChunk[]): Promise<MovedChunk[]> {
  const all: MovedChunk[] = []
  for (const chunk of chunks) {
    const sealedKey = chunk.sealing === undefined ? undefined : await renewWrapping(keyRing, chunk.sealing.sealedKey)
    all.push(sealedKey === undefined ? chunk : { ...chunk, sealing: { sealedKey } })
  }
  return all
}

/** Of a sealed chunk the whole: its blocks are of use to nobody without the others' number. */
async function* bytesOf(
  { chunks }: Pick<Services, 'chunks'>,
  run: Run,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  if ('length' in run) {
    for (const segment of run) {
      if (segment.place === 'inline') yield segment.bytes
      else yield* chunks.read(segment, segment, { signal })
    }
    return
  }
  const { stored, chunkBytes } = run
  if (stored.place === 'inline') yield stored.bytes
  else yield* chunks.read(stored, { offsetBytes: 0, lengthBytes: sealedSize(chunkBytes) }, { signal })
}

function lengthOf(segment: ReadSegment): number {
  return segment.place === 'inline' ? segment.bytes.length : segment.lengthBytes
}
