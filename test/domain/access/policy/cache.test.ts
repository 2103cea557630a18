import { expect, it } from 'vitest'
import { PolicyCache } from '../../../../src/domain/access/policy/cache.ts'
import { evaluatePolicy } from '../../../../src/domain/access/policy/evaluate.ts'
import { conditions, document, statement, user } from './support.ts'

it('reads a policy once for as long as the settings are the same', () => {
  const cache = new PolicyCache()
  const settings = { policy: document(statement()) }
  const first = cache.of({ name: 'b', settings })
  expect(first?.statements).toHaveLength(1)
  expect(cache.of({ name: 'b', settings })).toBe(first)
  expect(cache.of({ name: 'b', settings: { ...settings } })).not.toBe(first)
  expect(cache.of({ name: 'b', settings: {} })).toBeUndefined()
})

it('keeps a policy in force that another dialect took', () => {
  const policy = JSON.stringify({ Version: '2006-03-01', Statement: { ...statement(), Principal: undefined } })
  expect(new PolicyCache().of({ name: 'b', settings: { policy } })?.version).toBe('2006-03-01')
})

it('lets nobody in by a policy that cannot be read any more', () => {
  const policy = new PolicyCache().of({ name: 'b', settings: { policy: '{' } })
  const request = { caller: user('alice'), action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' } as const
  expect(policy && evaluatePolicy(policy, { ...request, conditions: conditions() })).toEqual({
    effect: 'deny',
    by: 'a policy that cannot be read',
  })
})
