import { describe, expect, it, test } from 'vitest'
import type { Caller } from '../../../src/domain/accounts.ts'
import { evaluateTopicPolicy, parseTopicPolicy } from '../../../src/domain/topics/policy.ts'
import { testAccount } from '../../support/accounts.ts'
import { codeOf } from '../../support/errors.ts'

const caller = (id: string): Caller => ({ kind: 'account', account: testAccount(id) })
const topic = { tenant: 't', name: 'orders' }

const statement = (change: Record<string, unknown> = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: ['arn:aws:iam::t:user/u'] },
  Action: ['sns:Publish'],
  Resource: '*',
  ...change,
})
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })

describe('what a policy says', () => {
  test.each([
    [statement(), 't$u', 'allow'],
    [statement(), 't$v', 'none'],
    [statement({ Principal: '*' }), 'x', 'allow'],
    [statement({ Action: 'sns:GetTopicAttributes' }), 't$u', 'none'],
    [statement({ Action: 'SNS:pub*' }), 't$u', 'allow'],
    [statement({ Action: '*' }), 't$u', 'allow'],
    [statement({ Resource: 'arn:aws:sns:anywhere:t:orders' }), 't$u', 'allow'],
    [statement({ Resource: 'arn:aws:sns:default::orders' }), 't$u', 'allow'],
    [statement({ Resource: 'arn:aws:sns:us-east-1:123456789012:ord*' }), 't$u', 'allow'],
    [statement({ Resource: 'arn:aws:sns:*:*:orders' }), 't$u', 'allow'],
    [statement({ Resource: 'arn:aws:sns:default:other:orders' }), 't$u', 'none'],
    [statement({ Effect: 'Deny' }), 't$u', 'deny'],
  ] as const)('%j of %s: %s', (one, id, effect) => {
    expect(
      evaluateTopicPolicy(parseTopicPolicy(policy(one)), { caller: caller(id), action: 'sns:Publish', topic }),
    ).toBe(effect)
  })

  it('a denial wins', () => {
    const both = parseTopicPolicy(policy(statement(), statement({ Effect: 'Deny', Principal: '*' })))
    expect(evaluateTopicPolicy(both, { caller: caller('t$u'), action: 'sns:Publish', topic })).toBe('deny')
    expect(evaluateTopicPolicy(both, { caller: { kind: 'anonymous' }, action: 'sns:Publish', topic })).toBe('deny')
  })
})

describe('what is no policy', () => {
  test.each([
    ['', 'MalformedPolicyDocument'],
    ['[]', 'MalformedPolicyDocument'],
    ['{}', 'MalformedPolicyDocument'],
    [policy(), 'MalformedPolicyDocument'],
    [policy({}), 'MalformedPolicyDocument'],
    [policy(statement({ Effect: 'Perhaps' })), 'MalformedPolicyDocument'],
    [policy(statement({ Action: 's3:GetObject' })), 'MalformedPolicyDocument'],
    [policy(statement({ Action: [] })), 'MalformedPolicyDocument'],
    [policy(statement({ Action: [1] })), 'MalformedPolicyDocument'],
    [policy(statement({ Resource: 'arn:aws:s3:::b' })), 'MalformedPolicyDocument'],
    [policy(statement({ Principal: undefined })), 'MalformedPolicyDocument'],
    [policy(statement({ Frob: 1 })), 'MalformedPolicyDocument'],
    [policy(statement({ Sid: 'x'.repeat(21_000) })), 'MalformedPolicyDocument'],
    [policy(statement({ Condition: {} })), 'NotImplemented'],
    [policy({ ...statement(), NotPrincipal: '*' }), 'NotImplemented'],
  ])('%.60s: %s', (text, code) => {
    expect(codeOf(() => parseTopicPolicy(text))).toBe(code)
  })

  it('their neighbour is one', () => {
    expect(parseTopicPolicy(policy(statement({ Sid: 'x' }))).statements).toHaveLength(1)
    expect(parseTopicPolicy(JSON.stringify({ Statement: statement() })).statements).toHaveLength(1)
  })
})
