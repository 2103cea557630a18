import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { pipeline, type Readable, Transform } from 'node:stream'
import { freeMemory } from '../../lib/free-memory.ts'
import { CorruptChunk } from '../../storage/chunks/store.ts'
import type { ResolvedRange } from './range.ts'

// A sealed chunk is its plain text in blocks, each encrypted by itself and followed by its tag. The nonce is the
// block's number and whether it is the last one, so that blocks which were reordered, left out or added do not open
// (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár). The key is the chunk's own: nothing else is
// sealed with it, and a chunk is written once, so no nonce is used twice.

/** Plain bytes of a block; the last one of a chunk may be shorter. */
export const SEAL_BLOCK_BYTES = 64 * 1024
/** AES-256-GCM's full tag. */
export const SEAL_TAG_BYTES = 16
/** What is opened ahead of its reader: a piece or two of the store's. */
const READ_AHEAD_BYTES = 1024 * 1024

const CIPHER = 'aes-256-gcm'
const STORED_BLOCK_BYTES = SEAL_BLOCK_BYTES + SEAL_TAG_BYTES
/** GCM's own nonce length. */
const NONCE_BYTES = 12
/** 48 bits of the nonce count the blocks: 2^48 of them are 16 EiB. */
const NUMBER_BYTES = 6
const TAG_LENGTH = { authTagLength: SEAL_TAG_BYTES }

/** How many bytes a sealed chunk of this plain size is stored with. */
export function sealedSize(plainBytes: number): number {
  return plainBytes + Math.ceil(plainBytes / SEAL_BLOCK_BYTES) * SEAL_TAG_BYTES
}

/** Seals a chunk that is there as a whole. It has bytes. */
export function sealBytes(key: KeyObject, plain: Buffer): Buffer {
  const sealed: Buffer[] = []
  for (let start = 0; start < plain.length; start += SEAL_BLOCK_BYTES) {
    const end = Math.min(start + SEAL_BLOCK_BYTES, plain.length)
    const place = { block: start / SEAL_BLOCK_BYTES, isLast: end === plain.length }
    sealed.push(...sealBlock(key, [plain.subarray(start, end)], place))
  }
  return Buffer.concat(sealed)
}

/**
 * Seals a chunk as its bytes come. A block waits until it is known whether another one follows; its pieces are not
 * copied for that. What is handed out are pieces of any size.
 */
export async function* sealStream(
  key: KeyObject,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  let block = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  for await (const piece of source) {
    for (let start = 0; start < piece.length; ) {
      if (waitingBytes === SEAL_BLOCK_BYTES) {
        yield* sealBlock(key, waiting, { block, isLast: false })
        block += 1
        waiting = []
        waitingBytes = 0
      }
      const end = Math.min(piece.length, start + SEAL_BLOCK_BYTES - waitingBytes)
      waiting.push(piece.subarray(start, end))
      waitingBytes += end - start
      start = end
    }
  }
  if (waitingBytes > 0) yield* sealBlock(key, waiting, { block, isLast: true })
}

/** A chunk that is to be opened, or a part of it. */
export interface SealedRange extends ResolvedRange {
  /** The plain size of the whole chunk. */
  readonly chunkBytes: number
}

/** The stored bytes that hold a plain range: whole blocks. */
export function storedRange({ chunkBytes, offsetBytes, lengthBytes }: SealedRange): ResolvedRange {
  const start = firstBlock(offsetBytes) * STORED_BLOCK_BYTES
  const endBlock = firstBlock(offsetBytes + lengthBytes - 1) + 1
  const end = Math.min(endBlock * STORED_BLOCK_BYTES, sealedSize(chunkBytes))
  return { offsetBytes: start, lengthBytes: end - start }
}

/**
 * The plain bytes of a range, out of the stream of the stored ones that `storedRange` names, which is destroyed with
 * this one. Nothing of a block is handed out before its tag has been checked; the stream fails with CorruptChunk.
 *
 * All blocks of a piece are pushed in one go, so that a socket sends them with one call: yielding them one by one
 * measured half as fast.
 */
export function openStream(key: KeyObject, range: SealedRange, stored: Readable): Readable {
  const blocks = new Blocks(key, range)
  const opened = new Transform({
    readableHighWaterMark: READ_AHEAD_BYTES,
    writableHighWaterMark: 1,
    transform(piece: Buffer, _encoding, done) {
      try {
        for (const plain of blocks.open(piece)) this.push(plain)
        freeMemory(piece)
        done()
      } catch (cause) {
        done(cause as Error)
      }
    },
    flush(done) {
      try {
        blocks.end()
        done()
      } catch (cause) {
        done(cause as Error)
      }
    },
  })
  // Errors of either arrive at the other; whoever reads hears of them.
  pipeline(stored, opened, () => undefined)
  return opened
}

/**
 * The plain bytes of a range of a chunk whose stored bytes are all there.
 * @throws CorruptChunk
 */
export function openBytes(key: KeyObject, range: SealedRange, stored: Buffer): Buffer {
  if (stored.length !== sealedSize(range.chunkBytes)) throw corrupt(`is stored with ${stored.length} bytes`)
  const { offsetBytes, lengthBytes } = storedRange(range)
  const blocks = new Blocks(key, range)
  const pieces = [...blocks.open(stored.subarray(offsetBytes, offsetBytes + lengthBytes))]
  blocks.end()
  const [only] = pieces
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
}

/** Opens the blocks of a range one after another, out of pieces of any size. */
class Blocks {
  readonly #key: KeyObject
  readonly #range: SealedRange
  readonly #lastBlock: number
  #block: number
  /** The beginning of a block whose end has not come yet. */
  #begun: Buffer = Buffer.alloc(0)

  constructor(key: KeyObject, range: SealedRange) {
    this.#key = key
    this.#range = range
    this.#block = firstBlock(range.offsetBytes)
    this.#lastBlock = firstBlock(range.chunkBytes - 1)
  }

  *open(piece: Buffer): Generator<Buffer, void, undefined> {
    let start = 0
    for (;;) {
      const missing = this.#storedBytes() - this.#begun.length
      if (missing > piece.length - start || this.#isDone()) break
      const rest = piece.subarray(start, start + missing)
      start += missing
      yield this.#cut(this.#openBlock(this.#begun.length === 0 ? rest : Buffer.concat([this.#begun, rest])))
      this.#begun = Buffer.alloc(0)
      this.#block += 1
    }
    // A copy: the piece itself is freed.
    this.#begun = Buffer.concat([this.#begun, piece.subarray(start)])
  }

  /** @throws CorruptChunk when blocks are missing */
  end(): void {
    if (!this.#isDone()) throw corrupt(`ends in block ${this.#block}`)
  }

  #isDone(): boolean {
    const { offsetBytes, lengthBytes } = this.#range
    return this.#block * SEAL_BLOCK_BYTES >= offsetBytes + lengthBytes
  }

  #storedBytes(): number {
    if (this.#block < this.#lastBlock) return STORED_BLOCK_BYTES
    return this.#range.chunkBytes - this.#lastBlock * SEAL_BLOCK_BYTES + SEAL_TAG_BYTES
  }

  #openBlock(stored: Buffer): Buffer {
    const nonce = nonceOf({ block: this.#block, isLast: this.#block === this.#lastBlock })
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, TAG_LENGTH)
    decipher.setAuthTag(stored.subarray(-SEAL_TAG_BYTES))
    const plain = decipher.update(stored.subarray(0, -SEAL_TAG_BYTES))
    try {
      decipher.final()
      return plain
    } catch (cause) {
      throw corrupt(`does not open at block ${this.#block}`, cause)
    }
  }

  /** Of an opened block the bytes that the range asks for. */
  #cut(plain: Buffer): Buffer {
    const start = this.#block * SEAL_BLOCK_BYTES
    const { offsetBytes, lengthBytes } = this.#range
    return plain.subarray(Math.max(offsetBytes - start, 0), Math.min(offsetBytes + lengthBytes - start, plain.length))
  }
}

interface Place {
  readonly block: number
  readonly isLast: boolean
}

/** The block in pieces, its tag last. */
function sealBlock(key: KeyObject, plain: readonly Buffer[], place: Place): Buffer[] {
  const cipher = createCipheriv(CIPHER, key, nonceOf(place), TAG_LENGTH)
  const sealed = plain.map((piece) => cipher.update(piece))
  cipher.final()
  sealed.push(cipher.getAuthTag())
  return sealed
}

function nonceOf({ block, isLast }: Place): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUIntBE(block, NONCE_BYTES - NUMBER_BYTES - 1, NUMBER_BYTES)
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1)
  return nonce
}

function firstBlock(offsetBytes: number): number {
  return Math.floor(offsetBytes / SEAL_BLOCK_BYTES)
}

function corrupt(what: string, cause?: unknown): CorruptChunk {
  return new CorruptChunk(`A sealed chunk ${what}.`, { cause })
}
