import type { RequestConditions } from '../../../../src/domain/access/conditions.ts'
import { type ParseOptions, type PolicyRules, parsePolicy } from '../../../../src/domain/access/policy/parse.ts'
import type { Policy } from '../../../../src/domain/access/policy/policy.ts'
import type { Caller } from '../../../../src/domain/accounts.ts'
import { testAccount } from '../../../support/accounts.ts'

/** As dialect rgw, and as dialect aws. */
export const MILD: PolicyRules = {
  policyVersions: ['2012-10-17', '2008-10-17'],
  policiesNeedPrincipal: false,
  refusesUnknownPrincipals: false,
  policiesNameOwnBucket: false,
  strictPolicies: false,
}
export const STRICT: PolicyRules = {
  ...MILD,
  policiesNeedPrincipal: true,
  refusesUnknownPrincipals: true,
  policiesNameOwnBucket: true,
  strictPolicies: true,
}

export const ANONYMOUS: Caller = { kind: 'anonymous' }

export function user(uid: string, tenant = ''): Caller {
  return { kind: 'account', account: testAccount(tenant === '' ? uid : `${tenant}$${uid}`) }
}

/** A statement that lets everybody read the bucket `b`, but for what is given. */
export function statement(given: object = {}): Record<string, unknown> {
  return { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...given }
}

export function document(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

export function parse(text: string, options: Partial<ParseOptions> = {}): Policy {
  return parsePolicy(text, { rules: MILD, bucket: 'b', tenant: '', ...options })
}

/** What a request says, by condition key. */
export function conditions(values: Readonly<Record<string, string | readonly string[]>> = {}): RequestConditions {
  return {
    get(key) {
      const value = values[key]
      return typeof value === 'string' ? [value] : value
    },
  }
}
