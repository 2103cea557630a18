import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { systemClock as clock } from '../../../src/lib/clock.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import { createDialect } from '../../../src/s3/dialects/create.ts'
import { readTagging, taggingDocument } from '../../../src/s3/documents/tagging.ts'
import { codeOf } from '../../support/errors.ts'

const dialectOf = (name: DialectName) => createDialect(name, { ids: new IdSource(), clock, region: 'default' })
const rgw = dialectOf('rgw')
const aws = dialectOf('aws')

type Pair = readonly [key: string, value: string]

const element = ([key, value]: Pair) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const documentOf = (...tags: readonly Pair[]) => `<Tagging><TagSet>${tags.map(element).join('')}</TagSet></Tagging>`
const many = (count: number) => documentOf(...Array.from({ length: count }, (_, at): Pair => [`k${at}`, 'v']))

function read(text: string, dialect = rgw, what: 'Object' | 'Bucket' = 'Object') {
  const max = what === 'Object' ? dialect.objectTagsMax : dialect.bucketTagsMax
  return codeOf(() => readTagging(Buffer.from(text), { max, what, rule: dialect }))
}

describe('a Tagging document', () => {
  test('is read in its order, white space and entities as they are', () => {
    expect(read(documentOf(['z', ' 1 '], ['a&amp;b', ''], ['键', '值']))).toEqual([
      { key: 'z', value: ' 1 ' },
      { key: 'a&b', value: '' },
      { key: '键', value: '值' },
    ])
    expect(read('<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet/></Tagging>')).toEqual([])
  })

  test.each([
    [''],
    ['<Tagging'],
    ['<Tagging/>'],
    ['<Other><TagSet/></Other>'],
    ['<Tagging><TagSet/><TagSet/></Tagging>'],
    ['<Tagging><Tags/></Tagging>'],
    ['<Tagging><TagSet><Label><Key>k</Key><Value>v</Value></Label></TagSet></Tagging>'],
    ['<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>'],
    ['<Tagging><TagSet><Tag><Value>v</Value></Tag></TagSet></Tagging>'],
    ['<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value><Value>w</Value></Tag></TagSet></Tagging>'],
    ['<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value><Scope>all</Scope></Tag></TagSet></Tagging>'],
  ])('%j is malformed in every dialect', (text) => {
    expect(read(text)).toBe('MalformedXML')
    expect(read(text, aws)).toBe('MalformedXML')
  })

  test('has as many tags as the dialect allows', () => {
    expect(read(many(10))).toHaveLength(10)
    expect(read(many(11))).toBe('InvalidTag')
    expect(read(many(11), aws)).toBe('BadRequest')
    expect(read(many(50), dialectOf('zos'))).toHaveLength(50)
    expect(read(many(51), dialectOf('zos'))).toBe('InvalidTag')
    for (const dialect of [rgw, aws]) expect(read(many(50), dialect, 'Bucket')).toHaveLength(50)
    expect(read(many(51), rgw, 'Bucket')).toBe('InvalidTag')
    expect(read(many(51), aws, 'Bucket')).toBe('BadRequest')
  })

  test('is limited in bytes, or in characters in the dialects aws and ibm-cos', () => {
    const limits: readonly (readonly [DialectName, number, number])[] = [
      ['rgw', 42, 85],
      ['zos', 42, 85],
      ['aws', 128, 256],
      ['ibm-cos', 128, 256],
    ]
    for (const [name, keyMax, valueMax] of limits) {
      const dialect = dialectOf(name)
      expect(read(documentOf(['键'.repeat(keyMax), '值'.repeat(valueMax)]), dialect)).toHaveLength(1)
      expect(read(documentOf(['键'.repeat(keyMax + 1), 'v']), dialect)).toBe('InvalidTag')
      expect(read(documentOf(['k', '值'.repeat(valueMax + 1)]), dialect)).toBe('InvalidTag')
      expect(read(documentOf(['k'.repeat(128), 'v'.repeat(256)]), dialect)).toHaveLength(1)
      expect(read(documentOf(['k'.repeat(129), 'v']), dialect)).toBe('InvalidTag')
      expect(read(documentOf(['k', 'v'.repeat(257)]), dialect)).toBe('InvalidTag')
      expect(read(documentOf(['', 'v']), dialect)).toBe('InvalidTag')
    }
  })

  test('has AWS’s characters, keys and single tags in the dialect aws', () => {
    expect(read(documentOf(['a b_.:/=+-@é', '键']), aws)).toHaveLength(1)
    for (const pair of [
      ['a{', 'v'],
      ['a', 'v*'],
      ['aws:a', 'v'],
      ['AWS:a', 'v'],
    ] as const) {
      expect(read(documentOf(pair), aws)).toBe('InvalidTag')
      expect(read(documentOf(pair))).toHaveLength(1)
    }
    expect(read(documentOf(['k', '1'], ['k', '2']), aws)).toBe('InvalidTag')
    expect(read(documentOf(['k', '1'], ['k', '2']))).toHaveLength(2)
    expect(read(documentOf(['k', '1'], ['K', '2']), aws)).toHaveLength(2)
  })
})

describe('the answer', () => {
  const tags = [
    { key: 'z', value: '1' },
    { key: '\u{1f600}', value: '3' },
    { key: '\uffee', value: '2' },
    { key: 'a', value: '' },
    { key: 'a', value: '&' },
  ]
  const keys = (text: string) => [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)

  test('is sorted by the bytes of the keys in RGW, and else as it was put', () => {
    expect(keys(taggingDocument(tags, rgw))).toEqual(['a', 'a', 'z', '\uffee', '\u{1f600}'])
    expect(keys(taggingDocument(tags, aws))).toEqual(tags.map((tag) => tag.key))
  })

  test('has the bytes of RGW', () => {
    // Recorded: bucket_tagging.get, object_tagging.get.none.
    const start = '<?xml version="1.0" encoding="UTF-8"?><Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    expect(taggingDocument([{ key: 'key-1', value: 'val-1' }], rgw)).toBe(
      `${start}<TagSet><Tag><Key>key-1</Key><Value>val-1</Value></Tag></TagSet></Tagging>`,
    )
    expect(taggingDocument([], rgw)).toBe(`${start}<TagSet></TagSet></Tagging>`)
  })
})
