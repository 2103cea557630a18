// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write their variables
import { describe, expect, it } from 'vitest'
import { evaluatePolicy } from '../../../../src/domain/access/policy/evaluate.ts'
import { ANONYMOUS, conditions, document, MILD, parse, STRICT, statement } from './support.ts'

type Values = Readonly<Record<string, string | readonly string[]>>

/** Whether one condition holds for a request of these values. */
function holds(operator: string, [key, wanted]: readonly [string, unknown], values: Values): boolean {
  const policy = parse(document(statement({ Condition: { [operator]: { [key]: wanted } } })))
  const request = { caller: ANONYMOUS, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' } as const
  return evaluatePolicy(policy, { ...request, conditions: conditions(values) }).effect === 'allow'
}

const KEY = 'aws:UserAgent'
const key = 'aws:useragent'

/** Operator, value of the policy, a value that it means, one that it does not. */
const OPERATORS: readonly (readonly [operator: string, wanted: unknown, met: string, unmet: string])[] = [
  ['StringEquals', 'a*', 'a*', 'ab'],
  ['StringEquals', ['x', 'a'], 'a', 'A'],
  ['StringEqualsIgnoreCase', 'aB', 'Ab', 'abc'],
  ['StringLike', 'a*c?', 'abbcd', 'abbc'],
  ['NumericEquals', '5', '5.0', '6'],
  ['NumericEquals', 5, '5', 'five'],
  ['NumericLessThan', '5', '4', '5'],
  ['NumericLessThanEquals', '5', '5', '6'],
  ['NumericGreaterThan', '5', '6', '5'],
  ['NumericGreaterThanEquals', '5', '5', '4'],
  ['DateEquals', '2024-01-01T00:00:00Z', '1704067200', '2024-01-02'],
  ['DateLessThan', '2024-01-01', '2023-12-31T23:59:59Z', '2024-01-01T00:00:00Z'],
  ['DateLessThanEquals', '2024-01-01', '2024-01-01T00:00:00Z', '2024-01-01T00:00:01Z'],
  ['DateGreaterThan', '2024-01-01', '2024-01-01T00:00:01Z', '2024-01-01'],
  ['DateGreaterThanEquals', '1704067200', '2024-01-01', '2023-12-31'],
  ['Bool', true, 'true', 'false'],
  ['Bool', 'False', 'false', 'no'],
  ['BinaryEquals', 'w6Q=', 'ä', 'a'],
  ['IpAddress', '10.0.0.0/8', '10.1.1.1', '11.1.1.1'],
  ['IpAddress', ['2001:db8::/32', '192.0.2.1'], '::ffff:192.0.2.1', 'nonsense'],
  ['ArnEquals', 'arn:aws:s3:::b*', 'arn:aws:s3:::bucket', 'arn:aws:sns:::bucket'],
  ['ArnLike', 'arn:aws:*:::b?', 'arn:aws:s3:::bu', 'arn:aws:s3:eu:1:bu'],
  ['ArnLike', 'arn:aws:iam::*:user/*', 'arn:aws:iam::t:user/a:b/c', 'arn:aws:iam::t:role/a'],
]

const OPPOSITES: Readonly<Record<string, string>> = {
  StringEquals: 'StringNotEquals',
  StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase',
  StringLike: 'StringNotLike',
  NumericEquals: 'NumericNotEquals',
  DateEquals: 'DateNotEquals',
  IpAddress: 'NotIpAddress',
  ArnEquals: 'ArnNotEquals',
  ArnLike: 'ArnNotLike',
}

describe('operators', () => {
  it.each(OPERATORS)('%s %j: %j but not %j', (operator, wanted, met, unmet) => {
    const asked = [KEY, wanted] as const
    expect(holds(operator, asked, { [key]: met })).toBe(true)
    expect(holds(operator, asked, { [key]: unmet })).toBe(false)
    expect(holds(operator, asked, {})).toBe(false)
    expect(holds(`${operator}IfExists`, asked, {})).toBe(true)
    expect(holds(`${operator}IfExists`, asked, { [key]: unmet })).toBe(false)
    const opposite = OPPOSITES[operator]
    if (opposite === undefined) return
    expect(holds(opposite, asked, { [key]: met })).toBe(false)
    expect(holds(opposite, asked, { [key]: unmet })).toBe(true)
    expect(holds(opposite, asked, {})).toBe(true)
    expect(holds(`${opposite}IfExists`, asked, { [key]: met })).toBe(false)
  })

  it('Null asks whether the key is there, also with an empty value', () => {
    for (const wanted of ['true', true, 'TRUE']) {
      expect(holds('Null', [KEY, wanted], {})).toBe(true)
      expect(holds('Null', [KEY, wanted], { [key]: '' })).toBe(false)
    }
    expect(holds('Null', [KEY, 'false'], {})).toBe(false)
    expect(holds('Null', [KEY, 'false'], { [key]: '' })).toBe(true)
    expect(holds('ForAllValues:Null', [KEY, 'false'], { [key]: 'x' })).toBe(true)
  })

  it.each([
    // operator, what the request has, whether it holds against the values a and b
    ['StringEquals', ['a', 'z'], true],
    ['StringEquals', ['y', 'z'], false],
    ['StringNotEquals', ['a', 'z'], false],
    ['StringNotEquals', ['y', 'z'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'z'], false],
    ['ForAllValues:StringEquals', [], true],
    ['ForAnyValue:StringEquals', ['a', 'z'], true],
    ['ForAnyValue:StringEquals', ['y', 'z'], false],
    ['ForAnyValue:StringEquals', [], false],
    ['ForAllValues:StringNotEquals', ['y', 'z'], true],
    ['ForAllValues:StringNotEquals', ['a', 'z'], false],
    ['ForAllValues:StringNotEquals', [], true],
    ['ForAnyValue:StringNotEquals', ['a', 'z'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', [], false],
    ['ForAnyValue:StringEqualsIfExists', [], true],
    ['ForAllValues:StringLike', ['a', 'b'], true],
  ])('%s of the values %j: %s', (operator, values, expected) => {
    expect(holds(operator, [KEY, ['a', 'b']], { [key]: values })).toBe(expected)
  })

  it('all of a statement’s conditions must hold, and any of a key’s values', () => {
    const both = { StringLike: { 'aws:Referer': ['http://a/*', 'http://b/*'], [KEY]: 'curl*' }, Bool: { x: 'true' } }
    const policy = parse(document(statement({ Condition: both })))
    const request = { caller: ANONYMOUS, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' } as const
    const effect = (values: Values) => evaluatePolicy(policy, { ...request, conditions: conditions(values) }).effect
    const all = { 'aws:referer': 'http://b/x', [key]: 'curl/8', x: 'true' }
    expect(effect(all)).toBe('allow')
    for (const name of Object.keys(all)) expect(effect({ ...all, [name]: 'other' }), name).toBe('none')
  })

  it('compares keys without regard to case, but not those of tags', () => {
    expect(holds('StringEquals', ['AWS:useragent', 'x'], { [key]: 'x' })).toBe(true)
    const tag = { 's3:existingobjecttag/Colour': 'red' }
    expect(holds('StringEquals', ['s3:ExistingObjectTag/Colour', 'red'], tag)).toBe(true)
    expect(holds('StringEquals', ['s3:ExistingObjectTag/colour', 'red'], tag)).toBe(false)
  })
})

describe('variables', () => {
  const alice = { 'aws:username': 'alice', 'aws:many': ['a', 'b'] }

  it.each([
    ['StringEquals', '${aws:username}', 'alice', true],
    ['StringEquals', 'x${AWS:UserName}x', 'xalicex', true],
    ['StringEquals', '${aws:absent}', '', false],
    ['StringEquals', "${aws:absent, 'bob'}", 'bob', true],
    ['StringEquals', "${aws:username, 'bob'}", 'alice', true],
    ['StringEquals', '${aws:many}', 'a', false],
    ['StringEquals', '${*}${?}${$}', '*?$', true],
    ['StringLike', '${aws:username}/*', 'alice/x', true],
    ['StringLike', '${*}', 'anything', false],
    ['StringLike', '${*}', '*', true],
    ['StringNotEquals', '${aws:absent}', 'x', true],
    ['ArnLike', 'arn:aws:iam:::user/${aws:username}', 'arn:aws:iam:::user/alice', true],
    ['NumericEquals', '${aws:username}', '5', false],
  ])('%s %j on %j: %s', (operator, wanted, actual, expected) => {
    expect(holds(operator, [KEY, wanted], { ...alice, [key]: actual })).toBe(expected)
  })

  it('have values that are texts: a star in one is no wildcard', () => {
    const star = { 'aws:username': '*' }
    expect(holds('StringLike', [KEY, '${aws:username}'], { ...star, [key]: 'bob' })).toBe(false)
    expect(holds('StringLike', [KEY, '${aws:username}'], { ...star, [key]: '*' })).toBe(true)
  })

  it('are text in the older versions', () => {
    for (const Version of ['2008-10-17', undefined]) {
      const Condition = { StringEquals: { [KEY]: '${aws:username}' } }
      const policy = parse(JSON.stringify({ Version, Statement: statement({ Condition }) }))
      const request = { caller: ANONYMOUS, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' } as const
      const effect = (actual: string) =>
        evaluatePolicy(policy, { ...request, conditions: conditions({ ...alice, [key]: actual }) }).effect
      expect(effect('${aws:username}')).toBe('allow')
      expect(effect('alice')).toBe('none')
    }
  })
})

describe('values that contradict their operator', () => {
  const BAD: readonly (readonly [operator: string, value: string])[] = [
    ['NumericLessThan', 'ten'],
    ['NumericNotEquals', 'ten'],
    ['DateGreaterThan', 'tomorrow'],
    ['Bool', 'perhaps'],
    ['BinaryEquals', 'no base64!'],
    ['NotIpAddress', 'here'],
    ['ArnLike', 'user/alice'],
  ]

  it.each(BAD)('%s %j is refused by strict rules, and else never holds', (operator, value) => {
    const text = document(statement({ Condition: { [operator]: { 'aws:UserAgent': value } } }))
    expect(() => parse(text, { rules: STRICT })).toThrow(
      `Statement 1: Condition ${operator} aws:UserAgent: "${value}" is no value for this operator`,
    )
    expect(() => parse(text, { rules: MILD })).not.toThrow()
    expect(holds(operator, [KEY, value], { [key]: '7' })).toBe(false)
    expect(holds(operator, [KEY, [value, '7']], { [key]: '7' })).toBe(false)
  })
})
