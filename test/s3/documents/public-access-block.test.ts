import { describe, expect, it } from 'vitest'
import { NO_BLOCKS } from '../../../src/domain/access/blocks.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import { createDialect } from '../../../src/s3/dialects/create.ts'
import { publicAccessBlockDocument, readPublicAccessBlock } from '../../../src/s3/documents/public-access-block.ts'
import { MovedClock } from '../../support/services.ts'

const options = { ids: new IdSource(), clock: new MovedClock(), region: 'us-east-1' }
const aws = createDialect('aws', options)
const zos = createDialect('zos', options)

const read = (inner: string) =>
  readPublicAccessBlock(Buffer.from(`<PublicAccessBlockConfiguration>${inner}</PublicAccessBlockConfiguration>`), aws)

describe('readPublicAccessBlock', () => {
  it('takes each switch, and those left out as off', () => {
    expect(read('')).toEqual(NO_BLOCKS)
    expect(read('<BlockPublicAcls>true</BlockPublicAcls>')).toEqual({ ...NO_BLOCKS, blockPublicAcls: true })
    expect(read('<IgnorePublicAcls>True</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy>')).toEqual({
      ...NO_BLOCKS,
      ignorePublicAcls: true,
    })
    expect(read('<RestrictPublicBuckets> true </RestrictPublicBuckets>')).toMatchObject({ restrictPublicBuckets: true })
  })

  it.each([
    ['an unknown element', '<BlockPublicAcl>true</BlockPublicAcl>'],
    ['a name of every object', '<constructor>true</constructor>'],
    ['a value that is none', '<BlockPublicAcls>yes</BlockPublicAcls>'],
    ['no value', '<BlockPublicAcls/>'],
    ['one twice', '<BlockPublicAcls>true</BlockPublicAcls><BlockPublicAcls>false</BlockPublicAcls>'],
  ])('refuses %s', (_case, inner) => {
    expect(() => read(inner)).toThrowError(expect.objectContaining({ code: 'MalformedXML' }))
  })

  it('refuses another root, in RGW’s words too', () => {
    const other = Buffer.from('<Other/>')
    expect(() => readPublicAccessBlock(other, aws)).toThrowError(expect.objectContaining({ code: 'MalformedXML' }))
    expect(() => readPublicAccessBlock(other, zos)).toThrowError(expect.objectContaining({ code: 'InvalidArgument' }))
  })
})

describe('publicAccessBlockDocument', () => {
  const inner =
    '<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>' +
    '<BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>'

  it('is RGW’s as recorded, and AWS’s', () => {
    const block = { ...NO_BLOCKS, blockPublicAcls: true }
    expect(publicAccessBlockDocument(block, zos)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>' +
        `<BlockPublicAccessBlockConfiguration>${inner}</BlockPublicAccessBlockConfiguration>`,
    )
    expect(publicAccessBlockDocument(block, aws)).toContain(
      `<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}`,
    )
  })
})
