// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write their variables
import { describe, expect, it } from 'vitest'
import { POLICY_BYTES_MAX } from '../../../../src/domain/access/policy/parse.ts'
import { isKnown } from '../../../../src/domain/access/policy/principals.ts'
import { errorOf } from '../../../support/wire-head.ts'
import { document, MILD, parse, STRICT, statement } from './support.ts'

/** The message of a refusal; `taken` where there is none. */
function outcome(text: string, rules = MILD): string {
  let reason = 'taken'
  try {
    parse(text, { rules })
  } catch {
    const error = errorOf(() => parse(text, { rules }))
    expect(error.code).toBe('MalformedPolicy')
    reason = error.message
  }
  return reason
}

/** Of one statement, without its prefix. */
function refusal(given: object, rules = MILD): string {
  return outcome(document(statement(given)), rules).replace(/^Statement 1: /, '')
}

describe('JSON', () => {
  it.each([
    ['', 'The policy is not valid JSON: a value is expected at line 1, column 1'],
    ['this is not json', 'The policy is not valid JSON: a value is expected at line 1, column 1'],
    ['\ufeff{}', 'The policy is not valid JSON: a value is expected at line 1, column 1'],
    ['{"Version"}', "The policy is not valid JSON: ':' is expected at line 1, column 11"],
    ['{"Id":"a"\n "b"}', "The policy is not valid JSON: ',' or '}' is expected at line 2, column 2"],
    ['{"Id":"a",}', 'The policy is not valid JSON: a name in double quotes is expected at line 1, column 11'],
    ["{'Id':'a'}", 'The policy is not valid JSON: a name in double quotes is expected at line 1, column 2'],
    ['{"Id":"a"} {}', 'The policy is not valid JSON: nothing may follow the document at line 1, column 12'],
    ['{"Id":"a","Id":"b"}', 'The policy is not valid JSON: "Id" is given twice at line 1, column 15'],
    ['{"Id":"a","\\u0049d":"b"}', 'The policy is not valid JSON: "Id" is given twice at line 1, column 20'],
    ['{"Id":["a" "b"]}', "The policy is not valid JSON: ',' or ']' is expected at line 1, column 12"],
    ['{"Id":01}', "The policy is not valid JSON: ',' or '}' is expected at line 1, column 8"],
    ['{"Id":"a\tb"}', 'The policy is not valid JSON: a value is expected at line 1, column 7'],
    ['['.repeat(5000), 'The policy is not valid JSON: nothing may nest deeper than 16 at line 1, column 18'],
    ['[]', 'The policy must be a JSON object'],
    ['"*"', 'The policy must be a JSON object'],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toBe(expected)
  })

  it('is bounded in bytes', () => {
    const padded = (bytes: number): string => {
      const text = document(statement({ Sid: '' }))
      return text.replace('"Sid":""', `"Sid":"${'ä'.repeat((bytes - text.length) / 2)}"`)
    }
    const even = document(statement({ Sid: '' })).length % 2
    expect(outcome(padded(POLICY_BYTES_MAX - even))).toBe('taken')
    expect(outcome(padded(POLICY_BYTES_MAX - even + 2))).toBe('The policy is larger than 20480 bytes')
  })
})

describe('the policy', () => {
  const one = statement()
  it.each([
    [{ Version: '2012-10-17' }, 'The policy has no Statement'],
    [{ Statement: [] }, 'Statement must not be empty'],
    [{ Statement: one }, 'taken'],
    [{ Statement: [one, 'x'] }, 'Statement 2: it must be an object'],
    [{ Version: '2006-03-01', Statement: one }, 'Version must be one of 2012-10-17, 2008-10-17; it is "2006-03-01"'],
    [{ Version: 2012, Statement: one }, 'Version must be a text'],
    [{ Id: 'x', Statement: one }, 'taken'],
    [{ Id: 5, Statement: one }, 'Id must be a text'],
    [{ version: '2012-10-17', Statement: one }, 'Unknown element "version"'],
    [{ Statement: [one, statement({ Effekt: 'Allow' })] }, 'Statement 2: Unknown element "Effekt"'],
  ])('%j: %s', (policy, expected) => {
    expect(outcome(JSON.stringify(policy))).toBe(expected)
  })

  it('of ZOS may have the version of its manual', () => {
    const rules = { ...MILD, policyVersions: [...MILD.policyVersions, '2006-03-01'] }
    expect(outcome(JSON.stringify({ Version: '2006-03-01', Statement: one }), rules)).toBe('taken')
  })

  it('tells whether it asks for an object’s tags', () => {
    const asks = (given: object): boolean => parse(document(statement(given))).asksForObjectTags
    expect(asks({})).toBe(false)
    expect(asks({ Condition: { StringEquals: { 'S3:existingObjectTag/a': 'b' } } })).toBe(true)
    expect(asks({ Condition: { StringEquals: { 'aws:username': '${s3:ExistingObjectTag/owner}' } } })).toBe(true)
    expect(asks({ Resource: 'arn:aws:s3:::b/${s3:ExistingObjectTag/a}' })).toBe(true)
  })
})

describe('a statement', () => {
  it.each<readonly [object, string]>([
    [{ Effect: undefined }, 'Effect must be Allow or Deny'],
    [{ Effect: 'allow' }, 'Effect must be Allow or Deny'],
    [{ Sid: 1 }, 'Sid must be a text'],
    [{ Action: undefined }, 'Action or NotAction is missing'],
    [{ NotAction: 's3:PutObject' }, 'it has both Action and NotAction'],
    [{ Action: undefined, NotAction: 's3:PutObject' }, 'taken'],
    [{ Action: [] }, 'Action must not be empty'],
    [{ Action: {} }, 'Action must be a text or a list of texts'],
    [{ Action: ['s3:GetObject', 5] }, 'Action must be a text or a list of texts'],
    [{ Action: 's3:Frobnicate' }, 'Policy has invalid action: there is no action "s3:Frobnicate"'],
    [{ Action: 'GetObject' }, 'Policy has invalid action: there is no action "GetObject"'],
    [{ Action: 'iam:*' }, 'Policy has invalid action: there is no action "iam:*"'],
    [{ Action: ['s3:getobject', 'S3:List*', 's3:*', '*', 's3:ReplicateObject', 's3:PutBucketEncryption'] }, 'taken'],
    [{ Resource: undefined }, 'Resource or NotResource is missing'],
    [{ NotResource: 'arn:aws:s3:::b' }, 'it has both Resource and NotResource'],
    [{ Resource: undefined, NotResource: ['arn:aws:s3:::b/secret/*'] }, 'taken'],
    [{ Resource: 'b/*' }, 'Resource "b/*" must be an ARN such as arn:aws:s3:::b/*'],
    [{ Resource: 'arn:aws:s3::b' }, 'Resource "arn:aws:s3::b" must be an ARN such as arn:aws:s3:::b/*'],
    [{ Resource: 'arn:aws:s3:::' }, 'Resource "arn:aws:s3:::" must name a bucket'],
    [{ Resource: 'arn:aws:s3::other:b/*' }, 'Resource "arn:aws:s3::other:b/*" must be in the bucket\'s tenant'],
    [{ Resource: 'arn:aws:s3:::b/${aws:username' }, expect.stringContaining('a variable that cannot be read') as never],
    [{ Resource: ['*', 'arn:aws:s3:::other/*', 'arn:aws:sns:::x', 'arn:aws:s3::*:b/*'] }, 'taken'],
    [{ Principal: 'alice' }, 'Principal must be "*" or an object such as {"AWS": "*"}'],
    [{ Principal: ['*'] }, 'Principal must be "*" or an object such as {"AWS": "*"}'],
    [{ Principal: {} }, 'Principal must name somebody'],
    [{ Principal: { AWS: [] } }, 'Principal AWS must name somebody'],
    [{ Principal: { AWS: [5] } }, 'Principal AWS must be a text or a list of texts'],
    [{ Principal: { aws: '*' } }, 'Principal has no aws; it may have AWS, CanonicalUser, Service, Federated'],
    [{ NotPrincipal: '*' }, 'it has both Principal and NotPrincipal'],
    [{ Condition: [] }, 'Condition must be an object'],
    [{ Condition: { StringEquals: 'x' } }, 'Condition StringEquals must be an object of keys and their values'],
    [{ Condition: { Sounds: { a: 'b' } } }, 'Condition has no operator Sounds'],
    [{ Condition: { NullIfExists: { a: 'true' } } }, 'Condition has no operator NullIfExists'],
    [{ Condition: { 'ForSome:StringLike': { a: 'b' } } }, 'Condition has no operator ForSome:StringLike'],
    [{ Condition: { Null: { a: 'x' } } }, 'Condition Null a: must be true or false'],
    [{ Condition: { StringLike: { a: [] } } }, 'Condition StringLike a: at least one value is needed'],
    [
      { Condition: { StringLike: { a: [null] } } },
      'Condition StringLike a: a value must be a text, a number or a boolean',
    ],
    [{ Condition: { StringLike: { 's3:made-up': ['x', 5, true] } } }, 'taken'],
  ])('%j: %s', (given, expected) => {
    expect(refusal(given)).toEqual(expected)
  })
})

describe('strict rules', () => {
  it.each<readonly [object, string]>([
    [{}, 'taken'],
    [{ Principal: undefined }, 'Principal or NotPrincipal is missing'],
    [{ Resource: '*' }, 'Resource "*" must be an ARN such as arn:aws:s3:::b/*'],
    [
      { Resource: 'arn:aws:s3:::other/*' },
      'Policy has invalid resource: "arn:aws:s3:::other/*" must be in the bucket b',
    ],
    [{ Resource: 'arn:aws:s3:::bb/*' }, 'Policy has invalid resource: "arn:aws:s3:::bb/*" must be in the bucket b'],
    [{ Resource: 'arn:aws:sns:::b/*' }, 'Policy has invalid resource: "arn:aws:sns:::b/*" must be in the bucket b'],
    [{ Resource: 'arn:aws:s3:::b*', Action: ['s3:GetObject', 's3:ListBucket'] }, 'taken'],
    [
      { Action: ['s3:GetObject', 's3:ListBucket'] },
      'Action does not apply to any resource(s) in statement: "s3:ListBucket"',
    ],
    [{ Resource: 'arn:aws:s3:::b' }, 'Action does not apply to any resource(s) in statement: "s3:GetObject"'],
    [
      { Action: 's3:ListAllMyBuckets', Resource: 'arn:aws:s3:::b' },
      'Action does not apply to any resource(s) in statement: "s3:ListAllMyBuckets"',
    ],
    [{ Action: 's3:*', Resource: 'arn:aws:s3:::b' }, 'taken'],
    [{ Action: undefined, NotAction: 's3:ListBucket' }, 'taken'],
    [
      { Condition: { StringEquals: { 's3:made-up': 'x' } } },
      'Condition StringEquals s3:made-up: Policy has an invalid condition key',
    ],
    [
      { Condition: { StringEquals: { 's3:ExistingObjectTag/': 'x' } } },
      'Condition StringEquals s3:ExistingObjectTag/: Policy has an invalid condition key',
    ],
    [{ Condition: { StringEquals: { 's3:ExistingObjectTag/x': 'x', 'AWS:PrincipalTag/y': 'z' } } }, 'taken'],
  ])('%j: %s', (given, expected) => {
    expect(refusal(given, STRICT)).toBe(expected)
  })

  it('refuse a Sid that is used twice, which the mild ones take', () => {
    const text = document(statement({ Sid: 'a' }), statement(), statement(), statement({ Sid: 'a' }))
    expect(outcome(text, STRICT)).toBe('Statement 4: Sid "a" is used twice')
    expect(outcome(text, MILD)).toBe('taken')
  })

  it('refuse whom nobody knows', () => {
    const accounts = {
      find: (id: string) => (id === 'alice' || id === 't$bob' ? ({ id } as never) : undefined),
      hasTenant: (tenant: string) => tenant === 't',
    }
    const refused = (principal: object): string | undefined => {
      const options = {
        rules: STRICT,
        isKnownPrincipal: (one: Parameters<typeof isKnown>[0]) => isKnown(one, accounts),
      }
      try {
        parse(document(statement({ Principal: principal })), options)
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    }
    const known = ['*', 'alice', 't', 'arn:aws:iam::t:user/bob', 'arn:aws:iam::t:root', 'arn:aws:iam::alice:root']
    expect(refused({ AWS: [...known, 'arn:aws:s3:::user/alice'], CanonicalUser: 't$bob' })).toBeUndefined()
    expect(refused({ Service: 'logging.s3.amazonaws.com' })).toBeUndefined()
    for (const name of ['carol', 'arn:aws:sts::t:assumed-role/r/s', 'arn:aws:s3:::user/', 'x/y']) {
      expect(refused({ AWS: ['alice', name] })).toBe(`Statement 1: Invalid principal in policy: ${name}`)
    }
    expect(refused({ AWS: 'arn:aws:iam:::user/bob' })).toBe('Statement 1: Invalid principal in policy: bob')
    expect(refused({ CanonicalUser: 'bob' })).toBe('Statement 1: Invalid principal in policy: bob')
    expect(refused({ Service: 'elsewhere' })).toBe('Statement 1: Invalid principal in policy: elsewhere')
  })
})
