import { expect, it } from 'vitest'
import { NO_INTEGRITY } from '../../../src/domain/bytes/integrity.ts'
import { partIntegrity } from '../../../src/domain/multipart/part-integrity.ts'
import { codeOf } from './code-of.ts'

const crc32 = { contentMd5: undefined, checksum: { algorithm: 'CRC32', value: 'AAAAAA==', inTrailer: false } } as const
const plain = { checksumAlgorithm: undefined, checksumType: undefined } as const
const composite = { checksumAlgorithm: 'CRC32', checksumType: 'COMPOSITE' } as const
const sha = { checksumAlgorithm: 'SHA256', checksumType: 'COMPOSITE' } as const
const full = { checksumAlgorithm: 'CRC32', checksumType: 'FULL_OBJECT' } as const

it('leaves the parts of an upload without an algorithm as they come', () => {
  expect(partIntegrity(NO_INTEGRITY, plain, true)).toBe(NO_INTEGRITY)
  expect(partIntegrity(crc32, plain, true)).toBe(crc32)
})

it("takes only the upload's algorithm", () => {
  expect(codeOf(() => partIntegrity(crc32, sha, false))).toBe('InvalidRequest')
  expect(partIntegrity(crc32, composite, false)).toBe(crc32)
})

it('computes what the client leaves out', () => {
  const computed = { contentMd5: undefined, checksum: { algorithm: 'CRC32', value: undefined, inTrailer: false } }
  expect(partIntegrity(NO_INTEGRITY, composite, false)).toEqual(computed)
  expect(partIntegrity(NO_INTEGRITY, full, true)).toEqual(computed)
})

it('refuses a part of a composite upload without a checksum where one is demanded', () => {
  expect(codeOf(() => partIntegrity(NO_INTEGRITY, composite, true))).toBe('InvalidRequest')
  expect(codeOf(() => partIntegrity(crc32, composite, true))).toBeUndefined()
})
