import { expect, it } from 'vitest'
import { S3Error } from '../../../src/errors.ts'
import { readCompleteMultipartUpload } from '../../../src/s3/documents/complete-multipart-upload.ts'

const read = (parts: string, root = 'CompleteMultipartUpload') =>
  readCompleteMultipartUpload(
    Buffer.from(`<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</${root}>`),
    { missingPartList: 'MalformedXML' },
  )

const codeOf = (parts: string, root?: string) => {
  try {
    read(parts, root)
    return undefined
  } catch (error) {
    return error instanceof S3Error ? error.code : error
  }
}

const PART = '<Part><PartNumber>1</PartNumber><ETag>"abc"</ETag></Part>'

it('reads numbers, ETags with and without quotes, and checksums', () => {
  const second = '<Part><ETag> def </ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><PartNumber>2</PartNumber></Part>'
  const escaped = '<Part><PartNumber>3</PartNumber><ETag>&quot;ghi&quot;</ETag><ChecksumSHA256></ChecksumSHA256></Part>'
  expect(read(PART + second + escaped)).toEqual([
    { partNumber: 1, etag: 'abc', checksums: {} },
    { partNumber: 2, etag: 'def', checksums: { CRC32: 'AAAAAA==' } },
    { partNumber: 3, etag: 'ghi', checksums: {} },
  ])
})

it.each([
  ['no part', ''],
  ['a part without a number', '<Part><ETag>abc</ETag></Part>'],
  ['a part without an ETag', '<Part><PartNumber>1</PartNumber></Part>'],
  ['a number that is none', '<Part><PartNumber>x</PartNumber><ETag>abc</ETag></Part>'],
  ['10,001 parts', PART.repeat(10_001)],
])('refuses a document with %s', (_case, parts) => {
  expect(codeOf(parts)).toBe('MalformedXML')
  expect(codeOf(PART)).toBeUndefined()
})

it('takes 10,000 parts and no other document', () => {
  expect(read(PART.repeat(10_000))).toHaveLength(10_000)
  expect(codeOf(PART, 'Delete')).toBe('MalformedXML')
})
