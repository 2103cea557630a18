import { describe, expect, it } from 'vitest'
import {
  assertAclNotBlocked,
  assertPolicyNotBlocked,
  blocksOf,
  isPublicAcl,
  NO_BLOCKS,
} from '../../../src/domain/access/blocks.ts'
import { parsePolicy } from '../../../src/domain/access/policy/parse.ts'
import { RGW_RULES } from '../../../src/s3/dialects/rgw.ts'
import type { Acl, Grantee } from '../../../src/storage/metadata/rows.ts'

const to = (grantee: Grantee): Acl => ({ grants: [{ grantee, permission: 'READ_ACP' }] })

describe('isPublicAcl', () => {
  it.each<[acl: Acl, isPublic: boolean]>([
    ['private', false],
    ['public-read', true],
    ['public-read-write', true],
    ['authenticated-read', true],
    ['bucket-owner-read', false],
    ['bucket-owner-full-control', false],
    [{ grants: [] }, false],
    [to({ kind: 'account', id: 'somebody' }), false],
    [to({ kind: 'log-delivery' }), false],
    [to({ kind: 'all-users' }), true],
    [to({ kind: 'authenticated-users' }), true],
  ])('%j: %s', (acl, isPublic) => {
    expect(isPublicAcl(acl)).toBe(isPublic)
  })
})

describe('blocks', () => {
  const bucket = (blocks: Partial<typeof NO_BLOCKS>) => ({
    settings: { publicAccessBlock: { ...NO_BLOCKS, ...blocks } },
  })
  const policy = (Principal: unknown) => {
    const Statement = [{ Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }]
    const text = JSON.stringify({ Version: '2012-10-17', Statement })
    return parsePolicy(text, { rules: RGW_RULES.access, bucket: 'b' })
  }
  const denied = expect.objectContaining({ code: 'AccessDenied' })

  it('are all off where nothing was set', () => {
    expect(blocksOf({ settings: {} })).toEqual(NO_BLOCKS)
    expect(() => assertAclNotBlocked({ settings: {} }, 'public-read')).not.toThrow()
  })

  it('refuse public ACLs where BlockPublicAcls is on', () => {
    expect(() => assertAclNotBlocked(bucket({ blockPublicAcls: true }), 'public-read')).toThrowError(denied)
    expect(() => assertAclNotBlocked(bucket({ blockPublicAcls: true }), 'private')).not.toThrow()
    expect(() => assertAclNotBlocked(bucket({ ignorePublicAcls: true }), 'public-read')).not.toThrow()
  })

  it('refuse public policies where BlockPublicPolicy is on', () => {
    const confined = policy({ AWS: 'arn:aws:iam:::user/somebody' })
    expect(() => assertPolicyNotBlocked(bucket({ blockPublicPolicy: true }), policy('*'))).toThrowError(denied)
    expect(() => assertPolicyNotBlocked(bucket({ blockPublicPolicy: true }), confined)).not.toThrow()
    expect(() => assertPolicyNotBlocked(bucket({ restrictPublicBuckets: true }), policy('*'))).not.toThrow()
  })
})
