// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write their variables
import { describe, expect, it } from 'vitest'
import type { Action } from '../../../../src/domain/access/permissions.ts'
import { evaluatePolicy } from '../../../../src/domain/access/policy/evaluate.ts'
import type { Caller } from '../../../../src/domain/accounts.ts'
import { ANONYMOUS, conditions, document, parse, statement, user } from './support.ts'

interface Asked {
  readonly caller?: Caller
  readonly action?: Action
  readonly on?: string
  readonly values?: Readonly<Record<string, string>>
}

function verdict(statements: readonly object[], asked: Asked = {}): string {
  const { caller = ANONYMOUS, action = 's3:GetObject', on = 'b/k', values = {} } = asked
  const policy = parse(document(...statements))
  const request = { caller, action, resource: `arn:aws:s3:::${on}`, conditions: conditions(values) }
  const { effect, by } = evaluatePolicy(policy, request)
  return `${effect} ${by}`.trim()
}

describe('evaluatePolicy', () => {
  it('names the statement that decides, and a denial wins wherever it stands', () => {
    expect(verdict([statement()])).toBe('allow statement 1')
    expect(verdict([statement({ Sid: 'open' })])).toBe('allow statement "open"')
    expect(verdict([statement({ Effect: 'Deny' }), statement()])).toBe('deny statement 1')
    expect(verdict([statement(), statement(), statement({ Effect: 'Deny', Sid: 'no' })])).toBe('deny statement "no"')
    expect(verdict([statement({ Action: 's3:PutObject' })])).toBe('none')
  })

  it.each<readonly [object, Caller, string]>([
    [{ Principal: '*' }, ANONYMOUS, 'allow'],
    [{ Principal: { AWS: '*' } }, ANONYMOUS, 'allow'],
    [{ Principal: { AWS: ['*'] } }, user('alice'), 'allow'],
    [{ Principal: { AWS: 'arn:aws:iam:::user/alice' } }, user('alice'), 'allow'],
    [{ Principal: { AWS: 'arn:aws:iam:::user/alice' } }, user('alice', 't'), 'none'],
    [{ Principal: { AWS: 'arn:aws:iam:::user/alice' } }, ANONYMOUS, 'none'],
    [{ Principal: { AWS: 'arn:aws:iam:::user/*' } }, user('alice'), 'none'],
    [{ Principal: { AWS: 'arn:aws:iam::t:user/alice' } }, user('alice', 't'), 'allow'],
    [{ Principal: { AWS: 'arn:aws:iam::t:user/alice' } }, user('alice'), 'none'],
    [{ Principal: { AWS: 'arn:aws:iam::t:root' } }, user('bob', 't'), 'allow'],
    [{ Principal: { AWS: 'arn:aws:iam::t:root' } }, user('bob'), 'none'],
    [{ Principal: { AWS: 'arn:aws:iam::alice:root' } }, user('alice'), 'allow'],
    [{ Principal: { AWS: 'arn:aws:s3:::user/alice' } }, user('alice'), 'allow'],
    [{ Principal: { AWS: 'alice' } }, user('alice'), 'allow'],
    [{ Principal: { AWS: 't$alice' } }, user('alice', 't'), 'allow'],
    [{ Principal: { CanonicalUser: 't$alice' } }, user('alice', 't'), 'allow'],
    [{ Principal: { CanonicalUser: '*' } }, user('alice'), 'none'],
    [{ Principal: { AWS: 'arn:aws:sts::t:assumed-role/r/alice' } }, user('alice', 't'), 'none'],
    [{ Principal: { Service: 'logging.s3.amazonaws.com' } }, user('alice'), 'none'],
    [{ Principal: { Service: '*' } }, ANONYMOUS, 'none'],
    [{ Principal: undefined }, user('alice'), 'none'],
    [{ Principal: undefined, NotPrincipal: { AWS: 'alice' } }, user('alice'), 'none'],
    [{ Principal: undefined, NotPrincipal: { AWS: 'alice' } }, user('bob'), 'allow'],
    [{ Principal: undefined, NotPrincipal: { AWS: 'alice' } }, ANONYMOUS, 'allow'],
  ])('%j for %j: %s', (given, caller, expected) => {
    expect(verdict([statement({ Sid: 's', ...given })], { caller }).split(' ')[0]).toBe(expected)
  })

  it.each<readonly [object, Action, string]>([
    [{ Action: 'S3:getOBJECT' }, 's3:GetObject', 'allow'],
    [{ Action: 's3:Get*' }, 's3:GetObjectVersion', 'allow'],
    [{ Action: 's3:GetObject' }, 's3:GetObjectVersion', 'none'],
    [{ Action: '*' }, 's3:PutObject', 'allow'],
    [{ Action: 's3:?utObject' }, 's3:PutObject', 'allow'],
    [{ Action: 's3:PutBucketEncryption' }, 's3:PutEncryptionConfiguration', 'allow'],
    [{ Action: undefined, NotAction: 's3:Put*' }, 's3:PutObject', 'none'],
    [{ Action: undefined, NotAction: 's3:Put*' }, 's3:GetObject', 'allow'],
  ])('%j for %s: %s', (given, action, expected) => {
    expect(verdict([statement({ Sid: 's', ...given })], { action }).split(' ')[0]).toBe(expected)
  })

  it.each<readonly [object, string, string]>([
    [{ Resource: 'arn:aws:s3:::b/*' }, 'b/k', 'allow'],
    [{ Resource: 'arn:aws:s3:::b/*' }, 'b', 'none'],
    [{ Resource: 'arn:aws:s3:::b' }, 'b/k', 'none'],
    [{ Resource: 'arn:aws:s3:::b*' }, 'b', 'allow'],
    [{ Resource: '*' }, 'b/k', 'allow'],
    [{ Resource: 'arn:aws:s3:::b/?.jpg' }, 'b/x.jpg', 'allow'],
    [{ Resource: 'arn:aws:s3:::b/?.jpg' }, 'b/x.JPG', 'none'],
    [{ Resource: 'arn:aws:s3:::b/a:b:*' }, 'b/a:b:c', 'allow'],
    [{ Resource: 'arn:*:s3:*:*:b/*' }, 'b/k', 'allow'],
    [{ Resource: 'arn:aws-cn:s3:::b/*' }, 'b/k', 'none'],
    [{ Resource: 'arn:aws:sns:::b/*' }, 'b/k', 'none'],
    [{ Resource: undefined, NotResource: 'arn:aws:s3:::b/secret/*' }, 'b/k', 'allow'],
    [{ Resource: undefined, NotResource: 'arn:aws:s3:::b/secret/*' }, 'b/secret/k', 'none'],
    [{ Resource: undefined, NotResource: 'arn:aws:sns:::b/*' }, 'b/k', 'allow'],
    [{ Resource: 'arn:aws:s3:::b/home/${aws:username}/*' }, 'b/home/alice/k', 'allow'],
    [{ Resource: 'arn:aws:s3:::b/home/${aws:username}/*' }, 'b/home/bob/k', 'none'],
    [{ Resource: 'arn:aws:s3:::b/${aws:absent}*' }, 'b/k', 'none'],
    [{ Resource: 'arn:aws:s3:::b/${*}' }, 'b/k', 'none'],
    [{ Resource: 'arn:aws:s3:::b/${*}' }, 'b/*', 'allow'],
  ])('%j on %s: %s', (given, on, expected) => {
    const asked = { on, values: { 'aws:username': 'alice' } }
    expect(verdict([statement({ Sid: 's', ...given })], asked).split(' ')[0]).toBe(expected)
  })

  it('a NotResource with a variable that has no value opens nothing and forbids all', () => {
    const given = { Resource: undefined, NotResource: 'arn:aws:s3:::b/${aws:absent}/*' }
    expect(verdict([statement(given)])).toBe('none')
    expect(verdict([statement({ ...given, Effect: 'Deny' })])).toBe('deny statement 1')
  })

  it('reads what only the body tells in the request’s favour, until it has been read', () => {
    const Condition = { StringEquals: { 's3:RequestObjectTag/a': 'b' } }
    const pending = { get: () => undefined, isPending: (key: string) => key === 's3:requestobjecttag/a' }
    const effect = (Effect: string, values: Parameters<typeof evaluatePolicy>[1]['conditions']) => {
      const policy = parse(document(statement({ Effect, Condition })))
      const request = { caller: ANONYMOUS, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' } as const
      return evaluatePolicy(policy, { ...request, conditions: values }).effect
    }
    expect(effect('Allow', pending)).toBe('allow')
    expect(effect('Deny', pending)).toBe('none')
    expect(effect('Allow', conditions())).toBe('none')
    expect(effect('Deny', conditions({ 's3:requestobjecttag/a': 'b' }))).toBe('deny')
  })
})
