import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { S3Error } from '../../../src/errors.ts'
import { IdSource } from '../../../src/lib/ids.ts'

import { LIFECYCLE_RULES_MAX, lifecycleDocument, readLifecycle } from '../../../src/s3/documents/lifecycle.ts'
import { dialectOf } from '../../support/head.ts'
import { newConfiguration } from '../../support/lifecycle.ts'

const NAMES = ['aws', 'rgw', 'zos', 'ibm-cos'] as const
const ids = new IdSource()
const documentsOf = (name: DialectName) => dialectOf(name).lifecycle

const rule = (inside: string) => `<Rule>${inside}</Rule>`
const FILTER = '<Filter><Prefix>p</Prefix></Filter>'
const STATUS = '<Status>Enabled</Status>'
const EXPIRE = '<Expiration><Days>1</Days></Expiration>'
const plain = (inside: string) => rule(`<ID>r</ID>${FILTER}${STATUS}${inside}`)
const document = (rules: string) => Buffer.from(`<LifecycleConfiguration>${rules}</LifecycleConfiguration>`)

function verdict(name: DialectName, rules: string): string {
  try {
    readLifecycle(document(rules), documentsOf(name))
    return 'ok'
  } catch (cause) {
    if (cause instanceof S3Error) return cause.code
    throw cause
  }
}

const transition = (days: number, storageClass: string) =>
  `<Transition><Days>${days}</Days><StorageClass>${storageClass}</StorageClass></Transition>`
const older = (days: number, storageClass: string) =>
  `<NoncurrentVersionTransition><NoncurrentDays>${days}</NoncurrentDays><StorageClass>${storageClass}</StorageClass></NoncurrentVersionTransition>`
const filtered = (filter: string, action = EXPIRE) => rule(`<ID>r</ID><Filter>${filter}</Filter>${STATUS}${action}`)
const tag = (key: string, value = 'v') => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const abort = (days: string) =>
  `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${days}</DaysAfterInitiation></AbortIncompleteMultipartUpload>`
const oldVersions = (inside: string) => `<NoncurrentVersionExpiration>${inside}</NoncurrentVersionExpiration>`

type Verdicts = string | readonly [aws: string, rgw: string]

describe.each(NAMES)('LifecycleConfiguration in %s', (name) => {
  const strict = name === 'aws' || name === 'ibm-cos'

  it.each<[what: string, rules: string, expected: Verdicts]>([
    ['an expiration', plain(EXPIRE), 'ok'],
    ['no rules', '', 'MalformedXML'],
    ['something that is no rule', `${plain(EXPIRE)}<Rules/>`, 'MalformedXML'],
    ['as many rules as there can be', many(LIFECYCLE_RULES_MAX), 'ok'],
    ['one more', many(LIFECYCLE_RULES_MAX + 1), 'MalformedXML'],
    ['an unknown element', plain(`${EXPIRE}<Expire/>`), 'MalformedXML'],
    ['two expirations', plain(EXPIRE + EXPIRE), 'MalformedXML'],
    ['no status', rule(FILTER + EXPIRE), 'MalformedXML'],
    ['a status in lower case', rule(`${FILTER}<Status>enabled</Status>${EXPIRE}`), 'MalformedXML'],
    ['neither filter nor prefix', rule(STATUS + EXPIRE), 'MalformedXML'],
    ['both', rule(`<Prefix>p</Prefix>${FILTER}${STATUS}${EXPIRE}`), 'MalformedXML'],
    ['the old form', rule(`<Prefix>p</Prefix>${STATUS}${EXPIRE}`), 'ok'],
    [
      'both forms in one document',
      `${rule(`<Prefix>q</Prefix>${STATUS}${EXPIRE}`)}${plain(EXPIRE)}`,
      ['InvalidRequest', 'ok'],
    ],
    [
      'the forms the other way round',
      `${plain(EXPIRE)}${rule(`<Prefix>q</Prefix>${STATUS}${EXPIRE}`)}`,
      ['InvalidRequest', 'ok'],
    ],
    ['no action', plain(''), ['InvalidRequest', 'InvalidArgument']],
    ['an id of 255 characters', rule(`<ID>${'i'.repeat(255)}</ID>${FILTER}${STATUS}${EXPIRE}`), 'ok'],
    ['an id of 256 characters', rule(`<ID>${'i'.repeat(256)}</ID>${FILTER}${STATUS}${EXPIRE}`), 'InvalidArgument'],
    ['the same id twice', plain(EXPIRE) + plain(EXPIRE), 'InvalidArgument'],
    ['no id twice', rule(FILTER + STATUS + EXPIRE).repeat(2), 'ok'],
    ['an empty id twice', rule(`<ID/>${FILTER}${STATUS}${EXPIRE}`).repeat(2), 'ok'],
  ])('%s', (_what, rules, expected) => {
    expect(verdict(name, rules)).toBe(pick(expected, strict))
  })

  it.each<[what: string, expiration: string, expected: Verdicts]>([
    ['nothing', '', 'MalformedXML'],
    ['0 days', '<Days>0</Days>', 'InvalidArgument'],
    ['-1 days', '<Days>-1</Days>', 'InvalidArgument'],
    ['days that are none', '<Days>abc</Days>', ['MalformedXML', 'InvalidArgument']],
    ['no number of days', '<Days/>', ['MalformedXML', 'InvalidArgument']],
    ['days in parts', '<Days>1.5</Days>', ['MalformedXML', 'InvalidArgument']],
    ['the most days', '<Days>2147483647</Days>', 'ok'],
    ['more days than that', '<Days>2147483648</Days>', ['MalformedXML', 'InvalidArgument']],
    ['days twice', '<Days>1</Days><Days>1</Days>', 'MalformedXML'],
    ['days and a date', '<Days>1</Days><Date>2030-01-01T00:00:00Z</Date>', 'MalformedXML'],
    ['days and markers', '<Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>', 'MalformedXML'],
    ['a date', '<Date>2030-01-01T00:00:00Z</Date>', 'ok'],
    ['a date with milliseconds', '<Date>2030-01-01T00:00:00.000Z</Date>', 'ok'],
    ['a date in another form of UTC', '<Date>2030-01-01T00:00:00+00:00</Date>', 'ok'],
    ['a date alone', '<Date>2030-01-01</Date>', 'ok'],
    ['ten in the morning', '<Date>2030-01-01T10:00:00Z</Date>', ['InvalidArgument', 'MalformedXML']],
    ['a millisecond too late', '<Date>2030-01-01T00:00:00.001Z</Date>', ['InvalidArgument', 'MalformedXML']],
    ['a date that is none', '<Date>20300101</Date>', 'MalformedXML'],
    ['a date that is not there', '<Date>2030-02-30T00:00:00Z</Date>', 'MalformedXML'],
    ['markers', '<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>', 'ok'],
    ['no markers', '<ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker>', 'ok'],
    ['perhaps markers', '<ExpiredObjectDeleteMarker>yes</ExpiredObjectDeleteMarker>', 'MalformedXML'],
  ])('an expiration with %s', (_what, expiration, expected) => {
    expect(verdict(name, plain(`<Expiration>${expiration}</Expiration>`))).toBe(pick(expected, strict))
  })

  it.each<[what: string, rules: string, expected: Verdicts]>([
    ['all objects', filtered(''), 'ok'],
    ['an empty prefix', filtered('<Prefix/>'), 'ok'],
    ['a prefix as long as a key', filtered(`<Prefix>${'p'.repeat(1024)}</Prefix>`), 'ok'],
    ['a longer prefix', filtered(`<Prefix>${'p'.repeat(1025)}</Prefix>`), 'InvalidRequest'],
    ['a tag', filtered(tag('k')), 'ok'],
    ['a tag without a value', filtered('<Tag><Key>k</Key></Tag>'), 'ok'],
    ['a tag without a key', filtered('<Tag><Value>v</Value></Tag>'), 'MalformedXML'],
    ['a tag with a long key', filtered(tag('k'.repeat(129))), 'MalformedXML'],
    ['a size', filtered('<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>'), 'ok'],
    ['a size below 0', filtered('<ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan>'), 'InvalidRequest'],
    ['a size that is none', filtered('<ObjectSizeGreaterThan>big</ObjectSizeGreaterThan>'), 'MalformedXML'],
    ['less than nothing', filtered('<ObjectSizeLessThan>0</ObjectSizeLessThan>'), 'InvalidRequest'],
    ['less than 1 byte', filtered('<ObjectSizeLessThan>1</ObjectSizeLessThan>'), 'ok'],
    ['an unknown condition', filtered('<Suffix>s</Suffix>'), 'MalformedXML'],
    ['two conditions', filtered(`<Prefix>p</Prefix>${tag('k')}`), ['MalformedXML', 'ok']],
    ['two conditions and one', filtered(`<And><Prefix>p</Prefix>${tag('k')}</And>`), 'ok'],
    [
      'all conditions',
      filtered(
        `<And><Prefix>p</Prefix>${tag('k')}${tag('l')}<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>3</ObjectSizeLessThan></And>`,
      ),
      'ok',
    ],
    ['an And of one', filtered('<And><Prefix>p</Prefix></And>'), ['MalformedXML', 'ok']],
    ['an And beside something', filtered(`<And><Prefix>p</Prefix>${tag('k')}</And><Prefix>q</Prefix>`), 'MalformedXML'],
    ['an And in an And', filtered(`<And><And/><Prefix>q</Prefix></And>`), 'MalformedXML'],
    ['one key twice', filtered(`<And>${tag('k', '1')}${tag('k', '2')}</And>`), 'InvalidRequest'],
    [
      'sizes that no object has',
      filtered('<And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And>'),
      'InvalidRequest',
    ],
    ['tags of uploads', filtered(tag('k'), abort('1')), 'InvalidRequest'],
    ['sizes of uploads', filtered('<ObjectSizeLessThan>5</ObjectSizeLessThan>', abort('1')), 'InvalidRequest'],
    ['a prefix of uploads', filtered('<Prefix>p</Prefix>', abort('1')), 'ok'],
    [
      'tags of markers',
      filtered(tag('k'), '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'),
      'InvalidRequest',
    ],
    [
      'sizes of markers',
      filtered(
        '<ObjectSizeLessThan>5</ObjectSizeLessThan>',
        '<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>',
      ),
      'InvalidRequest',
    ],
  ])('a filter for %s', (_what, rules, expected) => {
    expect(verdict(name, rules)).toBe(pick(expected, strict))
  })

  it.each<[what: string, actions: string, expected: Verdicts]>([
    ['to an archive', transition(1, 'GLACIER'), 'ok'],
    ['at once', transition(0, 'GLACIER'), 'ok'],
    ['before that', transition(-1, 'GLACIER'), 'InvalidArgument'],
    ['by date', '<Transition><Date>2030-01-01T00:00:00Z</Date><StorageClass>GLACIER</StorageClass></Transition>', 'ok'],
    ['at no time', '<Transition><StorageClass>GLACIER</StorageClass></Transition>', 'MalformedXML'],
    [
      'by both',
      '<Transition><Days>1</Days><Date>2030-01-01</Date><StorageClass>GLACIER</StorageClass></Transition>',
      'MalformedXML',
    ],
    ['to nowhere', '<Transition><Days>1</Days></Transition>', 'MalformedXML'],
    ['to an unknown class', transition(1, 'DEEP_FREEZE'), ['MalformedXML', 'InvalidArgument']],
    ['twice to one class', transition(1, 'GLACIER') + transition(3, 'GLACIER'), ['InvalidRequest', 'MalformedXML']],
    [
      'by days, an expiration by date',
      `${transition(1, 'GLACIER')}<Expiration><Date>2030-01-01</Date></Expiration>`,
      ['InvalidRequest', 'InvalidArgument'],
    ],
    ['after the expiration', transition(9, 'GLACIER') + EXPIRE, ['InvalidArgument', 'ok']],
    ['on the day of the expiration', transition(1, 'GLACIER') + EXPIRE, ['InvalidArgument', 'ok']],
    ['before the expiration', transition(0, 'GLACIER') + EXPIRE, 'ok'],
    ['of noncurrent versions', older(0, 'GLACIER'), 'ok'],
    ['of noncurrent versions, before that', older(-1, 'GLACIER'), 'InvalidArgument'],
    ['of noncurrent versions, twice', older(1, 'GLACIER') + older(2, 'GLACIER'), ['InvalidRequest', 'MalformedXML']],
    [
      'of noncurrent versions, too late',
      older(9, 'GLACIER') + oldVersions('<NoncurrentDays>9</NoncurrentDays>'),
      ['InvalidArgument', 'ok'],
    ],
    [
      'of noncurrent versions, at no time',
      '<NoncurrentVersionTransition><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>',
      'MalformedXML',
    ],
  ])('a transition %s', (_what, actions, expected) => {
    expect(verdict(name, plain(actions))).toBe(pick(expected, strict))
  })

  it.each<[what: string, actions: string, expected: Verdicts]>([
    ['noncurrent versions', oldVersions('<NoncurrentDays>1</NoncurrentDays>'), 'ok'],
    [
      'all but some',
      oldVersions('<NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>5</NewerNoncurrentVersions>'),
      'ok',
    ],
    [
      'all but none',
      oldVersions('<NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>0</NewerNoncurrentVersions>'),
      'InvalidArgument',
    ],
    ['versions at no time', oldVersions('<NewerNoncurrentVersions>5</NewerNoncurrentVersions>'), 'MalformedXML'],
    ['nothing', oldVersions(''), 'MalformedXML'],
    ['versions at once', oldVersions('<NoncurrentDays>0</NoncurrentDays>'), 'InvalidArgument'],
    ['uploads', abort('7'), 'ok'],
    ['uploads at once', abort('0'), 'InvalidArgument'],
    ['uploads at no time', '<AbortIncompleteMultipartUpload/>', 'MalformedXML'],
  ])('a rule for %s', (_what, actions, expected) => {
    expect(verdict(name, plain(actions))).toBe(pick(expected, strict))
  })
})

describe('AWS’s least ages', () => {
  it.each([
    [transition(29, 'STANDARD_IA'), 'InvalidArgument'],
    [transition(30, 'STANDARD_IA'), 'ok'],
    [transition(0, 'ONEZONE_IA'), 'InvalidArgument'],
    [transition(0, 'GLACIER_IR'), 'ok'],
    [transition(30, 'STANDARD_IA') + transition(59, 'GLACIER'), 'InvalidArgument'],
    [transition(30, 'STANDARD_IA') + transition(60, 'GLACIER'), 'ok'],
    [transition(30, 'STANDARD_IA') + transition(31, 'INTELLIGENT_TIERING'), 'ok'],
    [older(29, 'STANDARD_IA'), 'InvalidArgument'],
    [older(30, 'STANDARD_IA') + older(45, 'DEEP_ARCHIVE'), 'InvalidArgument'],
    [older(30, 'STANDARD_IA') + older(60, 'DEEP_ARCHIVE'), 'ok'],
  ])('%s: %s', (actions, expected) => {
    expect(verdict('aws', plain(actions))).toBe(expected)
    if (!/ONEZONE|_IR|TIERING/.test(actions)) expect(verdict('rgw', plain(actions))).toBe('ok')
  })

  it('count versions in the new form only', () => {
    const counting = oldVersions(
      '<NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>5</NewerNoncurrentVersions>',
    )
    const old = rule(`<Prefix>p</Prefix>${STATUS}${counting}`)
    expect(verdict('aws', old)).toBe('InvalidRequest')
    expect(verdict('rgw', old)).toBe('ok')
    expect(verdict('aws', plain(counting))).toBe('ok')
  })
})

describe('the classes that rules can name', () => {
  it.each([
    ['aws', ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE']],
    ['rgw', ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE']],
    ['zos', ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE']],
    ['ibm-cos', ['GLACIER']],
  ] as const)('in %s', (name, classes) => {
    const all = documentsOf('aws').classes.concat('STANDARD', 'REDUCED_REDUNDANCY', 'ACCELERATED')
    expect(all.filter((one) => verdict(name, plain(transition(90, one))) === 'ok').toSorted()).toEqual(
      classes.toSorted(),
    )
  })
})

describe('the answer', () => {
  const answer = (name: DialectName, rules: string) => {
    const documents = documentsOf(name)
    return lifecycleDocument(newConfiguration(readLifecycle(document(rules), documents)), documents).replace(
      /^.*?2006-03-01\/">/,
      '',
    )
  }
  const and = filtered(`<And><Prefix>test</Prefix>${tag('tag-1', 'val-1')}</And>`)

  it.each(NAMES)('in %s has every element', (name) => {
    const every =
      rule(
        `<ID>a</ID><Filter><Prefix>a/</Prefix></Filter>${STATUS}${EXPIRE.replace('1', '99')}` +
          oldVersions('<NewerNoncurrentVersions>3</NewerNoncurrentVersions><NoncurrentDays>20</NoncurrentDays>') +
          abort('3') +
          transition(60, 'GLACIER') +
          older(10, 'GLACIER'),
      ) +
      rule(
        `<ID>b</ID><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Status>Disabled</Status>` +
          '<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>',
      ) +
      rule(
        `<ID>c</ID><Filter>${tag('k')}</Filter>${STATUS}` +
          '<Transition><Date>2031-01-01T00:00:00.000Z</Date><StorageClass>GLACIER</StorageClass></Transition>',
      ) +
      rule(
        `<ID>d</ID><Filter><Prefix>x</Prefix></Filter>${STATUS}` +
          '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>',
      )
    expect(answer(name, every)).toBe(`${every}</LifecycleConfiguration>`)
  })

  it('keeps the old form', () => {
    const old = rule(`<ID>old</ID><Prefix>p/</Prefix>${STATUS}${EXPIRE}`)
    for (const name of NAMES) expect(answer(name, old)).toBe(`${old}</LifecycleConfiguration>`)
  })

  it('has an And, which RGW leaves out', () => {
    expect(answer('aws', and)).toContain('<Filter><And><Prefix>test</Prefix><Tag>')
    expect(answer('zos', and)).toContain('<Filter><And><Prefix>test</Prefix><Tag>')
    expect(answer('rgw', and)).toContain('<Filter><Prefix>test</Prefix><Tag>')
  })

  it('has an empty filter, which RGW calls a prefix', () => {
    expect(answer('aws', filtered(''))).toContain('<Filter></Filter>')
    expect(answer('aws', filtered('<Prefix/>'))).toContain('<Filter><Prefix></Prefix></Filter>')
    expect(answer('rgw', filtered('<Prefix/>'))).toContain('<ID>r</ID><Prefix></Prefix><Status>')
  })

  it('has the rules in their order, or by their ids in RGW', () => {
    const rules = ['b', 'c', 'a'].map((id) => rule(`<ID>${id}</ID>${FILTER}${STATUS}${EXPIRE}`)).join('')
    const order = (name: DialectName) => [...answer(name, rules).matchAll(/<ID>(.)/g)].map(([, id]) => id).join('')
    expect([order('aws'), order('rgw'), order('zos')]).toEqual(['bca', 'abc', 'abc'])
  })

  it('has generated ids in the form of the provider', () => {
    expect(documentsOf('rgw').newRuleId(ids)).toMatch(/^[a-z0-9]{48}$/)
    const id = documentsOf('aws').newRuleId(ids)
    expect(id).toHaveLength(48)
    expect(Buffer.from(id, 'base64').toString()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/)
  })
})

function pick(expected: Verdicts, strict: boolean): string {
  if (typeof expected === 'string') return expected
  return expected[strict ? 0 : 1]
}

function many(count: number): string {
  return Array.from({ length: count }, (_, n) => rule(`<ID>${n}</ID>${FILTER}${STATUS}${EXPIRE}`)).join('')
}
