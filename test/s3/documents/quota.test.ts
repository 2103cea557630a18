import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { systemClock as clock } from '../../../src/lib/clock.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import { createDialect } from '../../../src/s3/dialects/create.ts'
import { quotaDocument, readQuota } from '../../../src/s3/documents/quota.ts'
import { codeOf } from '../../support/errors.ts'

function read(inside: string, dialect: DialectName = 'zos') {
  const document = Buffer.from(`<QuotaConfiguration>${inside}</QuotaConfiguration>`)
  return codeOf(() => readQuota(document, createDialect(dialect, { ids: new IdSource(), clock, region: 'default' })))
}

const enabled = (more: string) => `<Enabled>true</Enabled>${more}`

describe('a QuotaConfiguration', () => {
  test.each([
    [enabled('<MaxSizeKb>2</MaxSizeKb><MaxObjects>10</MaxObjects>'), { enabled: true, maxBytes: 2048, maxObjects: 10 }],
    [enabled('<MaxSizeKb>1</MaxSizeKb><MaxObjects>-1</MaxObjects>'), { enabled: true, maxBytes: 1024 }],
    [enabled('<MaxObjects>1</MaxObjects><MaxSizeKb>-1</MaxSizeKb>'), { enabled: true, maxObjects: 1 }],
    [enabled('<MaxObjects> 7 </MaxObjects>'), { enabled: true, maxObjects: 7 }],
    ['<Enabled>false</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects>', { enabled: false }],
    ['<Enabled>False</Enabled><MaxObjects>3</MaxObjects>', { enabled: false, maxObjects: 3 }],
  ])('%s', (inside, expected) => {
    expect(read(inside)).toEqual({ maxBytes: undefined, maxObjects: undefined, ...expected })
  })

  test.each([
    [enabled('<MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects>')],
    [enabled('')],
    [enabled('<MaxObjects>0</MaxObjects>')],
    [enabled('<MaxSizeKb>0</MaxSizeKb>')],
    ['<Enabled>false</Enabled><MaxSizeKb>0</MaxSizeKb>'],
    [enabled('<MaxObjects>-2</MaxObjects>')],
    [enabled('<MaxObjects>1.5</MaxObjects>')],
    [enabled('<MaxObjects>ten</MaxObjects>')],
    [enabled('<MaxObjects></MaxObjects>')],
    [enabled('<MaxSizeKb>99999999999999</MaxSizeKb>')],
  ])('%s is refused', (inside) => {
    expect(read(inside)).toBe('InvalidArgument')
    expect(read(inside, 'aws')).toBe('InvalidArgument')
  })

  test.each([
    [''],
    ['<MaxObjects>1</MaxObjects>'],
    ['<Enabled>yes</Enabled><MaxObjects>1</MaxObjects>'],
    [enabled('<MaxObjects>1</MaxObjects><MaxBuckets>1</MaxBuckets>')],
    [enabled('<MaxObjects>1</MaxObjects><MaxObjects>2</MaxObjects>')],
  ])('%s is no such document', (inside) => {
    expect(read(inside)).toBe('InvalidArgument')
    expect(read(inside, 'aws')).toBe('MalformedXML')
  })
})

test('the answer has the bytes of ZOS', () => {
  const none = quotaDocument(undefined)
  expect(none).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><QuotaConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<Enabled>false</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects></QuotaConfiguration>',
  )
  // The vendor's sample: content-length 203.
  expect(Buffer.byteLength(none)).toBe(203)
  const limits = (text: string) => /<MaxSizeKb>(.*)<\/MaxSizeKb><MaxObjects>(.*)<\/MaxObjects>/.exec(text)?.slice(1)
  expect(limits(quotaDocument({ enabled: true, maxBytes: 2048, maxObjects: undefined }))).toEqual(['2', '-1'])
  expect(limits(quotaDocument({ enabled: true, maxBytes: 2049, maxObjects: 4 }))).toEqual(['3', '4'])
})
