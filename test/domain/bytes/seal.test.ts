import { createSecretKey, hash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  openBytes,
  openStream,
  SEAL_BLOCK_BYTES,
  SEAL_TAG_BYTES,
  sealBytes,
  sealedSize,
  sealStream,
  storedRange,
} from '../../../src/domain/bytes/seal.ts'
import { CorruptChunk } from '../../../src/storage/chunks/store.ts'
import { pieces } from '../../contracts/chunks.ts'

const BLOCK = SEAL_BLOCK_BYTES
const STORED_BLOCK = BLOCK + SEAL_TAG_BYTES
const key = createSecretKey(randomBytes(32))
/** One byte, around a block's border, several blocks with and without a short one. */
const SIZES = [1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7]

async function whole(source: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source))
}

function open(sealed: Buffer, chunkBytes: number, range = { offsetBytes: 0, lengthBytes: chunkBytes }): Buffer {
  return openBytes(key, { chunkBytes, ...range }, sealed)
}

/** The stored bytes of a range in pieces, as a chunk store would hand them out. */
function stored(sealed: Buffer, range: { offsetBytes: number; lengthBytes: number }, pieceBytes: number): Readable {
  const part = sealed.subarray(range.offsetBytes, range.offsetBytes + range.lengthBytes)
  return Readable.from(pieces(Buffer.from(part), pieceBytes), { objectMode: false })
}

describe('sealing', () => {
  // Made with another implementation (Python's cryptography): the form of what is stored must never change unnoticed.
  it('gives what it has always given', async () => {
    const fixed = createSecretKey(Buffer.from([...Array(32).keys()]))
    const sealed = sealBytes(fixed, Buffer.from('the quick brown fox'))
    expect(sealed.toString('hex')).toBe('61bedadc3581597d650e334b83d154d773f06451ae4d8d7f18a15b1eb1f93c1e4a9785')
    const plain = Buffer.from(Array.from({ length: BLOCK + 3 }, (_, place) => place % 251))
    expect(hash('sha256', sealBytes(fixed, plain))).toBe(
      '0345c9fbe8bee6dd30a10a22904697070401ee6dd27651d82027896615a6fac6',
    )
  })

  it.each(SIZES)('opens %i bytes again, sealed at once or as they come', async (sizeBytes) => {
    const plain = randomBytes(sizeBytes)
    const sealed = sealBytes(key, plain)
    expect(sealed).toHaveLength(sealedSize(sizeBytes))
    for (const pieceBytes of [1000, 65_536, 200_000]) {
      expect((await whole(sealStream(key, pieces(plain, pieceBytes)))).equals(sealed)).toBe(true)
      const range = { chunkBytes: sizeBytes, offsetBytes: 0, lengthBytes: sizeBytes }
      expect((await whole(openStream(key, range, stored(sealed, storedRange(range), pieceBytes)))).equals(plain)).toBe(
        true,
      )
    }
    expect(open(sealed, sizeBytes).equals(plain)).toBe(true)
  })

  it('hides what it seals, and two keys give two texts', () => {
    const plain = Buffer.alloc(2 * BLOCK, 'plain text ')
    const sealed = sealBytes(key, plain)
    expect(sealed.includes('plain text')).toBe(false)
    expect(sealed.subarray(0, BLOCK).equals(sealed.subarray(STORED_BLOCK, STORED_BLOCK + BLOCK))).toBe(false)
    expect(sealBytes(createSecretKey(randomBytes(32)), plain).equals(sealed)).toBe(false)
  })

  it('nothing is sealed into nothing', async () => {
    expect(await whole(sealStream(key, pieces(Buffer.alloc(0), 10)))).toHaveLength(0)
    expect(sealedSize(0)).toBe(0)
  })
})

describe('ranges', () => {
  const chunkBytes = 3 * BLOCK + 500
  const plain = randomBytes(chunkBytes)
  const sealed = sealBytes(key, plain)

  it.each([
    ['the first byte', 0, 1],
    ['the last byte', chunkBytes - 1, 1],
    ['the last byte of a block', BLOCK - 1, 1],
    ['the first byte of a block', BLOCK, 1],
    ['two bytes over a border', BLOCK - 1, 2],
    ['a block', BLOCK, BLOCK],
    ['a block and its neighbours', BLOCK - 1, BLOCK + 2],
    ['the end', 3 * BLOCK - 1, 501],
    ['the short block', 3 * BLOCK, 500],
  ])('%s', async (_what, offsetBytes, lengthBytes) => {
    const range = { chunkBytes, offsetBytes, lengthBytes }
    const expected = plain.subarray(offsetBytes, offsetBytes + lengthBytes)
    expect(open(sealed, chunkBytes, range).equals(expected)).toBe(true)
    const streamed = await whole(openStream(key, range, stored(sealed, storedRange(range), 30_000)))
    expect(streamed.equals(expected)).toBe(true)
  })

  it('ask for the blocks that they touch and no more', () => {
    const range = (offsetBytes: number, lengthBytes: number) => storedRange({ chunkBytes, offsetBytes, lengthBytes })
    expect(range(0, 1)).toEqual({ offsetBytes: 0, lengthBytes: STORED_BLOCK })
    expect(range(BLOCK, BLOCK)).toEqual({ offsetBytes: STORED_BLOCK, lengthBytes: STORED_BLOCK })
    expect(range(BLOCK - 1, 2)).toEqual({ offsetBytes: 0, lengthBytes: 2 * STORED_BLOCK })
    expect(range(3 * BLOCK, 1)).toEqual({ offsetBytes: 3 * STORED_BLOCK, lengthBytes: 500 + SEAL_TAG_BYTES })
    expect(range(0, chunkBytes)).toEqual({ offsetBytes: 0, lengthBytes: sealed.length })
  })

  it('open although a block outside of them is damaged', () => {
    const damaged = Buffer.from(sealed)
    damaged.writeUInt8(damaged.readUInt8(5) ^ 1, 5)
    const range = { offsetBytes: BLOCK, lengthBytes: 2 * BLOCK }
    expect(open(damaged, chunkBytes, range).equals(plain.subarray(BLOCK, 3 * BLOCK))).toBe(true)
    expect(() => open(damaged, chunkBytes, { offsetBytes: 0, lengthBytes: 1 })).toThrow(CorruptChunk)
  })
})

describe('damage is noticed before a byte is handed out', () => {
  const chunkBytes = 3 * BLOCK + 500
  const plain = randomBytes(chunkBytes)
  const sealed = sealBytes(key, plain)
  const block = (number: number) => sealed.subarray(number * STORED_BLOCK, (number + 1) * STORED_BLOCK)

  async function expectCorrupt(changed: Buffer, ofBytes = chunkBytes): Promise<void> {
    const range = { chunkBytes: ofBytes, offsetBytes: 0, lengthBytes: ofBytes }
    expect(() => openBytes(key, range, changed)).toThrow(CorruptChunk)
    const seen: Buffer[] = []
    const read = async () => {
      for await (const piece of openStream(
        key,
        range,
        stored(changed, { offsetBytes: 0, lengthBytes: changed.length }, 50_000),
      )) {
        seen.push(piece)
      }
    }
    await expect(read()).rejects.toThrow(CorruptChunk)
    const handedOut = Buffer.concat(seen)
    expect(handedOut.equals(plain.subarray(0, handedOut.length))).toBe(true)
    expect(handedOut.length % BLOCK).toBe(0)
  }

  it('a bit anywhere', async () => {
    for (const place of [0, 1000, BLOCK - 1, BLOCK, STORED_BLOCK - 1, STORED_BLOCK, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(place) ^ 0x80, place)
      await expectCorrupt(changed)
    }
  })

  it('swapped blocks', () => expectCorrupt(Buffer.concat([block(1), block(0), block(2), block(3)])))
  it('a block twice', () => expectCorrupt(Buffer.concat([block(0), block(0), block(2), block(3)])))
  it('a block of another chunk under the same key', async () => {
    const other = sealBytes(key, randomBytes(2 * BLOCK))
    await expectCorrupt(Buffer.concat([block(0), other.subarray(STORED_BLOCK), block(2), block(3)]))
  })

  it('blocks cut off at the end, although the size is changed to match', async () => {
    for (const blocks of [1, 2, 3]) {
      const cut = sealed.subarray(0, blocks * STORED_BLOCK)
      await expectCorrupt(cut, blocks * BLOCK)
      await expectCorrupt(cut)
    }
    await expectCorrupt(sealed.subarray(0, -1))
  })

  it('blocks behind the last one, although the size is changed to match', async () => {
    const short = sealBytes(key, plain.subarray(0, BLOCK))
    await expectCorrupt(Buffer.concat([short, block(1)]), 2 * BLOCK)
  })

  it('another key', () => {
    const other = createSecretKey(randomBytes(32))
    const range = { chunkBytes, offsetBytes: 0, lengthBytes: chunkBytes }
    expect(() => openBytes(other, range, sealed)).toThrow(CorruptChunk)
  })
})
