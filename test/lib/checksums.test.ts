import { randomBytes, randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  CHECKSUM_BYTES,
  type ChecksumName,
  type CrcName,
  checksum,
  combineCrc,
  compositeChecksum,
  crc32c,
  createDigest,
  isChecksum,
} from '../../src/lib/checksums.ts'
import { crc64nvme } from '../../src/lib/crc64nvme.ts'

const CHECK = Buffer.from('123456789')
const ALGORITHMS = Object.keys(CHECKSUM_BYTES) as ChecksumName[]
const CRCS: CrcName[] = ['CRC32', 'CRC32C', 'CRC64NVME']

describe('known values', () => {
  // The check values of the catalogue of parametrised CRC algorithms, and FIPS 180's digests, for "123456789".
  const table = {
    CRC32: 'cbf43926',
    CRC32C: 'e3069283',
    CRC64NVME: 'ae8b14860a799888',
    SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
    SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  }
  it.each(ALGORITHMS)('%s of "123456789"', (algorithm) => {
    expect(Buffer.from(checksum(algorithm, CHECK), 'base64').toString('hex')).toBe(table[algorithm])
  })

  it('are the same by name and by function', () => {
    expect(crc32c(CHECK)).toBe(0xe3069283)
    expect(crc64nvme(CHECK)).toBe(0xae8b14860a799888n)
    expect(crc32c(CHECK.subarray(4), crc32c(CHECK.subarray(0, 4)))).toBe(0xe3069283)
  })

  it('of nothing', () => {
    expect(checksum('CRC32', Buffer.alloc(0))).toBe('AAAAAA==')
    expect(checksum('CRC64NVME', Buffer.alloc(0))).toBe('AAAAAAAAAAA=')
    expect(combineCrc('CRC64NVME', [])).toBe('AAAAAAAAAAA=')
  })
})

describe.each(ALGORITHMS)('%s', (algorithm) => {
  it('is the same in pieces of any length as over the whole', () => {
    for (const sizeBytes of [1, 15, 16, 17, 65_535, 65_536, 65_537, 300_001]) {
      const bytes = randomBytes(sizeBytes)
      const digest = createDigest(algorithm)
      for (const piece of split(bytes)) digest.update(piece)
      expect(digest.base64()).toBe(checksum(algorithm, bytes))
    }
  })

  it('knows its own form', () => {
    const value = checksum(algorithm, CHECK)
    expect(isChecksum(algorithm, value)).toBe(true)
    expect(isChecksum(algorithm, value.replace(/=+$/, ''))).toBe(false)
    expect(isChecksum(algorithm, `${value}\n`)).toBe(false)
    expect(isChecksum(algorithm, '')).toBe(false)
    expect(isChecksum(algorithm, 'AAA=')).toBe(false)
  })
})

it('CRC64NVME agrees with the definition, bit by bit', () => {
  const bytes = randomBytes(333)
  let crc = 0xffffffffffffffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n
  }
  expect(crc64nvme(bytes)).toBe(crc ^ 0xffffffffffffffffn)
})

describe.each(CRCS)('combining %s', (algorithm) => {
  it('gives the checksum of the whole for random splits', () => {
    for (let round = 0; round < 20; round++) {
      const bytes = randomBytes(randomInt(0, 200_000))
      const parts = split(bytes).map((part) => ({ value: checksum(algorithm, part), sizeBytes: part.length }))
      expect(combineCrc(algorithm, parts)).toBe(checksum(algorithm, bytes))
    }
  })

  it('takes empty parts and one part alone', () => {
    const whole = { value: checksum(algorithm, CHECK), sizeBytes: CHECK.length }
    const empty = { value: checksum(algorithm, Buffer.alloc(0)), sizeBytes: 0 }
    expect(combineCrc(algorithm, [whole])).toBe(whole.value)
    expect(combineCrc(algorithm, [empty, whole, empty])).toBe(whole.value)
  })

  it('counts beyond 32 bits: 6 TiB move a checksum as far as twice 3 TiB do', () => {
    const first = { value: checksum(algorithm, CHECK), sizeBytes: CHECK.length }
    const gap = { value: checksum(algorithm, Buffer.alloc(0)), sizeBytes: 3 * 1024 ** 4 }
    const twice = combineCrc(algorithm, [first, gap, gap])
    expect(combineCrc(algorithm, [first, { ...gap, sizeBytes: 6 * 1024 ** 4 }])).toBe(twice)
    expect(combineCrc(algorithm, [first, { ...gap, sizeBytes: (6 * 1024 ** 4) % 2 ** 32 }])).not.toBe(twice)
  })
})

it('a composite checksum is the checksum of the raw checksums, with their number', () => {
  const parts = [checksum('SHA256', CHECK), checksum('SHA256', Buffer.from('x'))]
  const raw = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')))
  expect(compositeChecksum('SHA256', parts)).toBe(`${checksum('SHA256', raw)}-2`)
})

function split(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const end = Math.min(bytes.length, offset + randomInt(1, Math.max(2, bytes.length)))
    pieces.push(bytes.subarray(offset, end))
    offset = end
  }
  return pieces
}
