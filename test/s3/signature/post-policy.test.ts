import { describe, expect, it } from 'vitest'
import { parsePostPolicy } from '../../../src/s3/signature/post-policy.ts'
import { checkPostPolicy } from '../../../src/s3/signature/post-policy-check.ts'
import { errorOf } from '../../support/wire-head.ts'

const EXPIRATION = '2026-02-03T04:05:06Z'
const NOW = Date.parse('2026-02-03T04:05:05Z')

const encode = (text: string): string => Buffer.from(text).toString('base64')
const policyOf = (conditions: unknown): string => encode(JSON.stringify({ expiration: EXPIRATION, conditions }))

describe('parsePostPolicy', () => {
  it.each([
    [{ acl: 'private' }, { match: 'eq', field: 'acl', value: 'private', text: '["eq","$acl","private"]' }],
    [['eq', '$acl', 'private'], { match: 'eq', field: 'acl', value: 'private', text: '["eq","$acl","private"]' }],
    [
      ['StArTs-WiTh', '$KeY', 'user/'],
      { match: 'starts-with', field: 'key', value: 'user/', text: '["StArTs-WiTh","$KeY","user/"]' },
    ],
    [{ success_action_status: 201 }, { match: 'eq', field: 'success_action_status', value: '201' }],
    [['starts-with', '$x-amz-meta-tag', ''], { match: 'starts-with', field: 'x-amz-meta-tag', value: '' }],
  ])('reads %j', (condition, read) => {
    const policy = parsePostPolicy(policyOf([condition]))
    expect(policy.conditions).toEqual([expect.objectContaining(read)])
    expect(policy.expiresMs).toBe(Date.parse(EXPIRATION))
  })

  it.each([
    [[], 0, Number.POSITIVE_INFINITY],
    [[['content-length-range', 1, 10]], 1, 10],
    [[['Content-Length-Range', '5', '10']], 5, 10],
    [
      [
        ['content-length-range', 0, 10],
        ['content-length-range', 5, 20],
      ],
      5,
      10,
    ],
  ])('%j allows a length', (conditions, minBytes, maxBytes) => {
    expect(parsePostPolicy(policyOf(conditions)).length).toEqual({ minBytes, maxBytes })
  })

  it('may be broken into lines, and escape what S3 lets it escape', () => {
    const text = String.raw`{"expiration": "${EXPIRATION}", "conditions": [{"key": "\$a\v\\$\u0062\n"}]}`
    const lines = encode(text).replace(/.{40}/g, '$&\r\n')
    expect(parsePostPolicy(lines).conditions[0]?.value).toBe('$a\v\\$b\n')
  })

  it.each<readonly [string, string]>([
    ['nothing', ''],
    ['no base64', '!!!!'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')],
    ['no JSON', encode('{not json')],
    ['a trailing comma', encode(`{"expiration": "${EXPIRATION}", "conditions": [{"a": "b"},]}`)],
    ['a list', encode('[]')],
    ['null', encode('null')],
    ['no expiration', encode('{"conditions": []}')],
    ['an expiration of another case', encode(`{"EXPIRATION": "${EXPIRATION}", "conditions": []}`)],
    ['no conditions', encode(`{"expiration": "${EXPIRATION}"}`)],
    ['conditions of another case', encode(`{"expiration": "${EXPIRATION}", "CONDITIONS": []}`)],
    ...['2026-02-03 04:05:06+00:00', 'whenever', '2026-02-03', '2026-02-03T04:05:06+02:00', '2026-02-30T00:00:00Z'].map(
      (expiration) => [`expiration ${expiration}`, encode(JSON.stringify({ expiration, conditions: [] }))] as const,
    ),
    ['a number as expiration', encode('{"expiration": 1770000000, "conditions": []}')],
    ...(
      [
        { bucket: 'b' },
        [{}],
        [{ bucket: 'b', acl: 'private' }],
        [{ acl: null }],
        [{ acl: ['private'] }],
        ['acl'],
        [null],
        [[]],
        [['eq', '$acl']],
        [['eq', '$acl', 'a', 'b']],
        [['eq', 'acl', 'private']],
        [['eq', 1, 'private']],
        [['equals', '$acl', 'private']],
        [['content-length-range', 0]],
        [['content-length-range', -1, 0]],
        [['content-length-range', 0, 1.5]],
        [['content-length-range', 'test', '10']],
        [['content-length-range', 0, null]],
      ] as unknown[]
    ).map((conditions) => [JSON.stringify(conditions), policyOf(conditions)] as const),
  ])('refuses %s', (_name, policy) => {
    const error = errorOf(() => parsePostPolicy(policy))
    expect(error.code).toBe('InvalidPolicyDocument')
    expect(error.message).toMatch(/^Invalid Policy: .+\.$/)
  })
})

describe('checkPostPolicy', () => {
  interface Case {
    readonly nowMs?: number
    readonly bucket?: string
    readonly absentFieldsAreEmpty?: boolean
  }

  function verdict(conditions: unknown, fields: Record<string, string>, options: Case = {}): string {
    const { nowMs = NOW, bucket = 'b', absentFieldsAreEmpty = false } = options
    const policy = parsePostPolicy(policyOf(conditions))
    const check = { fields: new Map(Object.entries(fields)), bucket, nowMs, rules: { absentFieldsAreEmpty } }
    try {
      checkPostPolicy(policy, check)
      return 'allowed'
    } catch {
      const error = errorOf(() => checkPostPolicy(policy, check))
      expect(error.code).toBe('AccessDenied')
      return error.message.replace('Invalid according to Policy: ', '')
    }
  }

  const bucket = { bucket: 'b' }
  const key = ['starts-with', '$key', '']

  it('holds until it expires', () => {
    const at = (nowMs: number): string => verdict([bucket, key], { key: 'k' }, { nowMs })
    expect(at(Date.parse(EXPIRATION) - 1)).toBe('allowed')
    expect(at(Date.parse(EXPIRATION))).toBe('Policy expired')
  })

  it.each<[string, unknown[], Record<string, string>, string]>([
    ['eq', [['eq', '$key', 'a']], { key: 'a' }, 'allowed'],
    ['eq of another value', [['eq', '$key', 'a']], { key: 'ab' }, 'Policy Condition failed: ["eq","$key","a"]'],
    ['eq of another case', [['eq', '$key', 'a']], { key: 'A' }, 'Policy Condition failed: ["eq","$key","a"]'],
    ['an object', [{ key: 'a' }], { key: 'a' }, 'allowed'],
    ['an object of another value', [{ KEY: 'a' }], { key: 'b' }, 'Policy Condition failed: ["eq","$KEY","a"]'],
    ['starts-with', [['starts-with', '$key', 'dir/']], { key: 'dir/a' }, 'allowed'],
    ['starts-with itself', [['starts-with', '$key', 'dir/']], { key: 'dir/' }, 'allowed'],
    [
      'starts-with of another value',
      [['starts-with', '$key', 'dir/']],
      { key: 'other/a' },
      'Policy Condition failed: ["starts-with","$key","dir/"]',
    ],
    ['two conditions on one field', [key, ['starts-with', '$key', 'a']], { key: 'a' }, 'allowed'],
    [
      'two conditions, one failed',
      [
        ['starts-with', '$key', 'a'],
        ['starts-with', '$key', 'b'],
      ],
      { key: 'a' },
      'Policy Condition failed: ["starts-with","$key","b"]',
    ],
    [
      'a list of types',
      [key, ['starts-with', '$Content-Type', 'image/']],
      { key: 'a', 'content-type': 'image/jpg, image/png' },
      'allowed',
    ],
    [
      'a list with another type',
      [key, ['starts-with', '$Content-Type', 'image/']],
      { key: 'a', 'content-type': 'image/jpg,text/html' },
      'Policy Condition failed: ["starts-with","$Content-Type","image/"]',
    ],
    ['a comma elsewhere', [['starts-with', '$key', 'a']], { key: 'a,b' }, 'allowed'],
    [
      'a field without a condition',
      [key],
      { key: 'a', acl: 'private', 'x-amz-meta-a': '1' },
      'Extra input fields: acl, x-amz-meta-a',
    ],
    ['no condition on the key', [], { key: 'a' }, 'Extra input fields: key'],
    ['what proves the policy', [key], { key: 'a', awsaccesskeyid: 'k', policy: 'p', signature: 's' }, 'allowed'],
    ['what proves it with SigV4', [key], { key: 'a', policy: 'p', 'x-amz-signature': 's' }, 'allowed'],
    ['the scope of SigV4', [key], { key: 'a', 'x-amz-date': 'd' }, 'Extra input fields: x-amz-date'],
    ['fields to be ignored', [key], { key: 'a', 'x-ignore-this': '1' }, 'allowed'],
    ['a bucket field, which the URL overrides', [key], { key: 'a', bucket: 'other' }, 'allowed'],
  ])('%s', (_name, conditions, fields, expected) => {
    expect(verdict([bucket, ...conditions], fields)).toBe(expected)
  })

  it('holds for the bucket that it names, and has to name one', () => {
    expect(verdict([bucket, key], { key: 'a' }, { bucket: 'other' })).toBe(
      'Policy Condition failed: ["eq","$bucket","b"]',
    )
    expect(verdict([key], { key: 'a' })).toBe('Extra input fields: bucket')
    expect(verdict([['starts-with', '$bucket', ''], key], { key: 'a' }, { bucket: 'other' })).toBe('allowed')
  })

  it('fails on a field that is absent, or takes it for an empty one, as the dialect says', () => {
    for (const condition of [
      ['starts-with', '$acl', ''],
      ['eq', '$acl', ''],
    ]) {
      expect(verdict([bucket, key, condition], { key: 'a' })).toContain('Policy Condition failed')
      expect(verdict([bucket, key, condition], { key: 'a' }, { absentFieldsAreEmpty: true })).toBe('allowed')
    }
    const needed = [bucket, key, ['eq', '$acl', 'private']]
    expect(verdict(needed, { key: 'a' }, { absentFieldsAreEmpty: true })).toContain('Policy Condition failed')
  })
})
