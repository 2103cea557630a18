import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { OBJECT_BYTES_MAX } from '../../../src/domain/limits.ts'
import { type Claims, multipartEtag, partSizes, planCompletion } from '../../../src/domain/multipart/plan.ts'
import { checksum, compositeChecksum } from '../../../src/lib/checksums.ts'
import type { ChecksumAlgorithm, PartRow } from '../../../src/storage/metadata/rows.ts'
import { codeOf } from './code-of.ts'

const MIN_BYTES = 10
const FIRST = Buffer.alloc(MIN_BYTES, 'a')
const LAST = Buffer.from('end')

function part(partNumber: number, bytes: Buffer, algorithm?: ChecksumAlgorithm): PartRow {
  return {
    uploadId: 'u',
    partNumber,
    sizeBytes: bytes.length,
    etag: createHash('md5').update(bytes).digest('hex'),
    checksum:
      algorithm === undefined ? undefined : { algorithm, value: checksum(algorithm, bytes), type: 'FULL_OBJECT' },
    lastModifiedMs: 0,
    manifestId: partNumber,
  }
}

interface Setting {
  readonly parts?: readonly PartRow[]
  readonly algorithm?: ChecksumAlgorithm
  readonly type?: 'COMPOSITE' | 'FULL_OBJECT'
  readonly claims?: Partial<Claims>
}

/** Plans a completion of all the parts unless the claims list others. */
function plan({ algorithm, type, claims, parts = [part(1, FIRST, algorithm), part(2, LAST, algorithm)] }: Setting) {
  const upload = { uploadId: 'u', checksumAlgorithm: algorithm, checksumType: type }
  const listed = parts.map(({ partNumber, etag }) => ({ partNumber, etag, checksums: {} }))
  return planCompletion(upload, new Map(parts.map((row) => [row.partNumber, row])), {
    partBytesMin: MIN_BYTES,
    claims: {
      parts: listed,
      objectBytes: undefined,
      checksum: undefined,
      checksumType: undefined,
      demandsPartChecksums: false,
      ...claims,
    },
  })
}

const whole = Buffer.concat([FIRST, LAST])
const listed = (row: PartRow, checksums = {}) => ({ partNumber: row.partNumber, etag: row.etag, checksums })

describe('planCompletion', () => {
  it('adds up the sizes and hashes the hashes', () => {
    const md5s = [FIRST, LAST].map((bytes) => createHash('md5').update(bytes).digest())
    const etag = `${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-2`
    expect(plan({})).toMatchObject({ sizeBytes: whole.length, etag, checksum: undefined })
  })

  it('takes only the listed parts', () => {
    const parts = [part(1, FIRST), part(2, FIRST), part(7, LAST)]
    const [first, , last] = parts
    const made = plan({ parts, claims: { parts: [listed(first!), listed(last!)] } })
    expect(made.parts.map((row) => row.partNumber)).toEqual([1, 7])
    expect(made.sizeBytes).toBe(whole.length)
  })

  it('refuses parts out of order and parts listed twice', () => {
    const [one, two] = [part(1, FIRST), part(2, FIRST)]
    const of = (...rows: PartRow[]) =>
      codeOf(() => plan({ parts: [one, two], claims: { parts: rows.map((row) => listed(row)) } }))
    expect(of(two, one)).toBe('InvalidPartOrder')
    expect(of(one, one)).toBe('InvalidPartOrder')
    expect(of(one, two)).toBeUndefined()
  })

  it('refuses parts that are not there, or not as listed', () => {
    const parts = [part(1, FIRST, 'CRC32')]
    const of = (row: object) => codeOf(() => plan({ parts, claims: { parts: [{ ...listed(parts[0]!), ...row }] } }))
    expect(of({ partNumber: 2 })).toBe('InvalidPart')
    expect(of({ partNumber: 0 })).toBe('InvalidPart')
    expect(of({ etag: 'f'.repeat(32) })).toBe('InvalidPart')
    expect(of({ checksums: { CRC32: 'AAAAAA==' } })).toBe('InvalidPart')
    expect(of({ checksums: { SHA1: checksum('SHA1', FIRST) } })).toBe('InvalidPart')
    expect(of({ checksums: { CRC32: checksum('CRC32', FIRST) } })).toBeUndefined()
  })

  it('holds the size against the one that the client believes in', () => {
    expect(codeOf(() => plan({ claims: { objectBytes: whole.length + 1 } }))).toBe('InvalidRequest')
    expect(codeOf(() => plan({ claims: { objectBytes: whole.length } }))).toBeUndefined()
  })

  it.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    'combines the %s of the parts to that of the whole',
    (algorithm) => {
      const value = checksum(algorithm, whole)
      const setting = { algorithm, type: 'FULL_OBJECT' } as const
      const claims = { checksum: { algorithm, value }, checksumType: 'FULL_OBJECT' } as const
      expect(plan({ ...setting, claims }).checksum).toEqual({ algorithm, type: 'FULL_OBJECT', value })
      const other = { algorithm, value: checksum(algorithm, FIRST) }
      expect(codeOf(() => plan({ ...setting, claims: { checksum: other } }))).toBe('BadDigest')
    },
  )

  it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('makes the composite %s of the parts', (algorithm) => {
    const value = compositeChecksum(algorithm, [checksum(algorithm, FIRST), checksum(algorithm, LAST)])
    const setting = { algorithm, type: 'COMPOSITE' } as const
    expect(plan(setting).checksum).toEqual({ algorithm, type: 'COMPOSITE', value })
    expect(value).toMatch(/-2$/)
    expect(codeOf(() => plan({ ...setting, claims: { checksum: { algorithm, value } } }))).toBeUndefined()
    const bare = { algorithm, value: value.slice(0, -2) }
    expect(codeOf(() => plan({ ...setting, claims: { checksum: bare } }))).toBeUndefined()
    expect(codeOf(() => plan({ ...setting, claims: { checksumType: 'FULL_OBJECT' } }))).toBe('InvalidRequest')
  })

  it('refuses a checksum of an algorithm that the upload was not created with', () => {
    const claims = { checksum: { algorithm: 'SHA1', value: checksum('SHA1', whole) } } as const
    expect(codeOf(() => plan({ claims }))).toBe('InvalidRequest')
    expect(codeOf(() => plan({ algorithm: 'CRC32', type: 'FULL_OBJECT', claims }))).toBe('InvalidRequest')
  })

  it('demands checksums of listed parts for composite uploads, where they are demanded', () => {
    const setting = { algorithm: 'SHA256', type: 'COMPOSITE' } as const
    const parts = [part(1, LAST, 'SHA256')]
    const of = (checksums: object, demandsPartChecksums: boolean) =>
      codeOf(() => plan({ ...setting, parts, claims: { parts: [listed(parts[0]!, checksums)], demandsPartChecksums } }))
    expect(of({}, true)).toBe('InvalidRequest')
    expect(of({ SHA256: checksum('SHA256', LAST) }, true)).toBeUndefined()
    expect(of({}, false)).toBeUndefined()
  })
})

describe('partSizes', () => {
  const sized = (sizeBytes: number, partNumber = 1) => ({ partNumber, sizeBytes, etag: 'e' })

  it('lets only the last part be small', () => {
    expect(partSizes([sized(10), sized(0, 2)], 10)).toBe(10)
    expect(partSizes([sized(3)], 10)).toBe(3)
    expect(() => partSizes([sized(9, 4), sized(10, 5)], 10)).toThrow(
      expect.objectContaining({
        code: 'EntityTooSmall',
        details: { ProposedSize: 9, MinSizeAllowed: 10, PartNumber: 4, ETag: 'e' },
      }),
    )
  })

  it('ends at 5 TiB exactly', () => {
    const part = 5 * 1024 ** 3
    const full = Array.from({ length: 1024 }, (_, index) => sized(part, index + 1))
    expect(partSizes(full, 10)).toBe(OBJECT_BYTES_MAX)
    expect(codeOf(() => partSizes([...full, sized(1, 1025)], 10))).toBe('EntityTooLarge')
  })
})

it('multipartEtag counts its parts', () => {
  const etag = 'd41d8cd98f00b204e9800998ecf8427e'
  expect(multipartEtag([{ etag }])).toBe('59adb24ef3cdbe0297f05b395827453f-1')
})
