import { describe, expect, test } from 'vitest'
import { readChecksumChoice, readIntegrity, readObjectChecksum } from '../../src/s3/headers/integrity.ts'
import { codeOf } from '../support/errors.ts'
import { headOf } from '../support/head.ts'

type Headers = Readonly<Record<string, string>>

const put = (headers: Headers) => headOf('PUT', '/b/k', headers)

describe('integrity', () => {
  const integrity = (headers: Headers) => codeOf(() => readIntegrity(put(headers)))
  const md5 = 'XUFAKrxLKna5cZ2REBfFkg=='

  test('Content-MD5', () => {
    expect(integrity({ 'Content-MD5': md5 })).toMatchObject({ contentMd5: Buffer.from(md5, 'base64') })
    for (const bad of ['YWJj', '', '!!!notbase64', md5.slice(0, -2), `${md5}AA`]) {
      expect(integrity({ 'Content-MD5': bad })).toBe('InvalidDigest')
    }
    expect(integrity({})).toEqual({ contentMd5: undefined, checksum: undefined })
  })

  test.each([
    ['x-amz-checksum-crc32', 'AAAAAA==', 'CRC32'],
    ['x-amz-checksum-crc32c', 'AAAAAA==', 'CRC32C'],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=', 'CRC64NVME'],
    ['x-amz-checksum-sha1', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'SHA1'],
    ['x-amz-checksum-sha256', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'SHA256'],
  ])('%s', (header, value, algorithm) => {
    expect(integrity({ [header]: value })).toMatchObject({ checksum: { algorithm, value, inTrailer: false } })
    expect(integrity({ [header]: value, 'x-amz-sdk-checksum-algorithm': algorithm })).toMatchObject({
      checksum: { algorithm },
    })
    expect(integrity({ [header]: value.slice(4) })).toBe('InvalidRequest')
    expect(integrity({ 'x-amz-trailer': header })).toMatchObject({
      checksum: { algorithm, value: undefined, inTrailer: true },
    })
  })

  test('an algorithm alone', () => {
    expect(integrity({ 'x-amz-sdk-checksum-algorithm': 'SHA1' })).toMatchObject({
      checksum: { algorithm: 'SHA1', value: undefined, inTrailer: false },
    })
    expect(integrity({ 'x-amz-sdk-checksum-algorithm': 'MD4' })).toBe('InvalidRequest')
  })

  test.each([
    [{ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' }],
    [{ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-trailer': 'x-amz-checksum-crc32' }],
    [{ 'x-amz-trailer': 'x-amz-checksum-crc32, x-amz-checksum-sha1' }],
    [{ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-sdk-checksum-algorithm': 'SHA1' }],
    [{ 'x-amz-checksum-sha512': 'AAAA' }],
    [{ 'x-amz-checksum-constructor': 'AAAA' }],
  ])('%j is InvalidRequest', (headers) => {
    expect(integrity(headers)).toBe('InvalidRequest')
    expect(integrity({ 'x-amz-checksum-mode': 'ENABLED', 'x-amz-trailer': 'x-amz-other' })).toMatchObject({
      checksum: undefined,
    })
  })

  test('the checksum of a whole multipart object', () => {
    const read = (value: string) => codeOf(() => readObjectChecksum(put({ 'x-amz-checksum-crc32': value })))
    expect(read('AAAAAA==')).toEqual({ algorithm: 'CRC32', value: 'AAAAAA==' })
    expect(read('AAAAAA==-3')).toEqual({ algorithm: 'CRC32', value: 'AAAAAA==-3' })
    expect(read('AAAA-3')).toBe('InvalidRequest')
    expect(readObjectChecksum(put({}))).toBeUndefined()
  })

  test.each([
    ['CRC32', undefined, { algorithm: 'CRC32', type: 'COMPOSITE' }],
    ['crc32c', 'FULL_OBJECT', { algorithm: 'CRC32C', type: 'FULL_OBJECT' }],
    ['CRC64NVME', undefined, { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' }],
    ['CRC64NVME', 'COMPOSITE', 'InvalidRequest'],
    ['SHA256', 'FULL_OBJECT', 'InvalidRequest'],
    ['SHA1', 'HALF', 'InvalidRequest'],
    ['MD4', undefined, 'InvalidRequest'],
    [undefined, 'COMPOSITE', 'InvalidRequest'],
    [undefined, undefined, undefined],
  ])('the choice of %s %s', (algorithm, type, expected) => {
    const headers = {
      ...(algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm }),
      ...(type === undefined ? {} : { 'x-amz-checksum-type': type }),
    }
    expect(codeOf(() => readChecksumChoice(put(headers)))).toEqual(expected)
  })
})
