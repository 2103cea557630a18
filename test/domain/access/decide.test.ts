import { describe, expect, it } from 'vitest'
import { NO_BLOCKS } from '../../../src/domain/access/blocks.ts'
import { NO_CONDITIONS } from '../../../src/domain/access/conditions.ts'
import { decide } from '../../../src/domain/access/decide.ts'
import { demandOf } from '../../../src/domain/access/demands.ts'
import type { Facts, ObjectFacts } from '../../../src/domain/access/facts.ts'
import { cannedGrants, findGrant, grantsOf } from '../../../src/domain/access/grants.ts'
import type { Action } from '../../../src/domain/access/permissions.ts'
import { parsePolicy } from '../../../src/domain/access/policy/parse.ts'
import { ANONYMOUS_ID, type Caller } from '../../../src/domain/accounts.ts'
import { RGW_RULES } from '../../../src/s3/dialects/rgw.ts'
import type { Acl, CannedAcl, GrantPermission } from '../../../src/storage/metadata/rows.ts'
import type { BucketSettings } from '../../../src/storage/metadata/settings.ts'
import { testAccount } from '../../support/accounts.ts'

const CALLERS = {
  root: account('root', { isRoot: true }),
  owner: account('owner'),
  writer: account('writer'),
  other: account('other'),
  anonymous: { kind: 'anonymous' },
} as const satisfies Record<string, Caller>
type Who = keyof typeof CALLERS
const EVERYBODY = Object.keys(CALLERS) as Who[]

function account(id: string, { isRoot = false } = {}): Caller {
  return { kind: 'account', account: testAccount(id, { isRoot }) }
}

interface Circumstances {
  readonly bucket?: undefined
  readonly acl?: Acl
  readonly object?: Facts['object']
  readonly settings?: BucketSettings
  readonly policy?: string
}

/** By the rules of RGW, on the bucket of `owner`. */
function factsOf(action: Action, given: Circumstances): Omit<Facts, 'caller'> {
  const { acl = 'private', object, settings = {}, policy } = given
  return {
    action,
    rules: RGW_RULES.access,
    bucket: 'bucket' in given ? undefined : { name: 'b', ownerId: 'owner', acl, settings },
    key: 'k',
    object,
    policy: policy === undefined ? undefined : parsePolicy(policy, { rules: RGW_RULES.access, bucket: 'b' }),
    conditions: NO_CONDITIONS,
    paysAsRequester: false,
  }
}

/** Who of all callers may do this. */
function allowed(action: Action, given: Circumstances = {}): Who[] {
  const facts = factsOf(action, given)
  return EVERYBODY.filter((who) => {
    const decision = decide({ ...facts, caller: CALLERS[who] })
    expect(decision.reason).not.toBe('')
    return decision.verdict === 'allow'
  })
}

describe('decide, on buckets', () => {
  it('lets everybody ask for his buckets, and every account create one', () => {
    expect(allowed('s3:ListAllMyBuckets', { bucket: undefined })).toEqual(EVERYBODY)
    expect(allowed('s3:CreateBucket', { bucket: undefined })).toEqual(['root', 'owner', 'writer', 'other'])
  })

  it.each([
    ['private', ['root', 'owner'], ['root', 'owner']],
    ['public-read', EVERYBODY, ['root', 'owner']],
    ['public-read-write', EVERYBODY, EVERYBODY],
    ['authenticated-read', ['root', 'owner', 'writer', 'other'], ['root', 'owner']],
    ['bucket-owner-read', ['root', 'owner'], ['root', 'owner']],
    ['bucket-owner-full-control', ['root', 'owner'], ['root', 'owner']],
  ] as const)('%s grants reading and writing to whom it says', (acl, readers, writers) => {
    for (const action of ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'] as const) {
      expect(allowed(action, { acl }), action).toEqual(readers)
    }
    for (const action of [
      's3:PutObject',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:AbortMultipartUpload',
    ] as const) {
      expect(allowed(action, { acl }), action).toEqual(writers)
    }
  })

  it('keeps the configuration, and what protects objects, to the owner, whatever the ACL', () => {
    const actions = [
      's3:DeleteBucket',
      's3:GetBucketLocation',
      's3:GetBucketVersioning',
      's3:PutBucketVersioning',
      's3:PutObjectRetention',
      's3:PutObjectLegalHold',
      's3:BypassGovernanceRetention',
    ] as const
    for (const action of actions) {
      expect(demandOf(action)).toBe('bucket-owner')
      expect(allowed(action, { acl: 'public-read-write' }), action).toEqual(['root', 'owner'])
    }
  })

  it('grants nobody but root anything on a bucket that is not known', () => {
    for (const action of ['s3:ListBucket', 's3:DeleteBucket'] as const) {
      const facts = { ...factsOf(action, {}), bucket: undefined }
      expect(decide({ ...facts, caller: CALLERS.owner }).verdict).toBe('deny')
      expect(decide({ ...facts, caller: CALLERS.root }).verdict).toBe('allow')
    }
  })
})

describe('decide, on reading objects', () => {
  const by = (ownerId: string, acl: CannedAcl): ObjectFacts => ({ ownerId, acl })

  it.each([
    ['private', ['root', 'writer']],
    ['public-read', EVERYBODY],
    ['public-read-write', EVERYBODY],
    ['authenticated-read', ['root', 'owner', 'writer', 'other']],
    ['bucket-owner-read', ['root', 'owner', 'writer']],
    ['bucket-owner-full-control', ['root', 'owner', 'writer']],
  ] as const)(
    'a %s object is read by its writer, and by the bucket owner only where the ACL says so',
    (acl, readers) => {
      for (const bucketAcl of ['private', 'public-read-write'] as const) {
        for (const action of ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAttributes'] as const) {
          expect(allowed(action, { acl: bucketAcl, object: by('writer', acl) }), action).toEqual(readers)
        }
      }
    },
  )

  it('counts what an anonymous caller wrote as the bucket owner’s, and as nobody else’s', () => {
    const object = by(ANONYMOUS_ID, 'private')
    expect(allowed('s3:GetObject', { acl: 'public-read-write', object })).toEqual(['root', 'owner'])
    expect(allowed('s3:GetObject', { object: by(ANONYMOUS_ID, 'public-read') })).toEqual(EVERYBODY)
  })

  it('tells of a missing key only who may list the bucket', () => {
    expect(allowed('s3:GetObject', { object: 'absent' })).toEqual(['root', 'owner'])
    expect(allowed('s3:GetObject', { acl: 'public-read', object: 'absent' })).toEqual(EVERYBODY)
  })

  it('denies where nothing is known of the object', () => {
    expect(allowed('s3:GetObject', { acl: 'public-read' })).toEqual(['root'])
  })
})

describe('cannedGrants', () => {
  it('names the owner of both bucket and object once', () => {
    const ownership = { ownerId: 'owner', bucketOwnerId: 'owner' }
    expect(cannedGrants('bucket-owner-full-control', ownership)).toHaveLength(1)
    expect(cannedGrants('bucket-owner-full-control', { ...ownership, bucketOwnerId: 'b' })).toHaveLength(2)
  })

  it('grants by FULL_CONTROL every permission, by another only that one', () => {
    const grants = cannedGrants('bucket-owner-read', { ownerId: 'writer', bucketOwnerId: 'owner' })
    const has = (caller: Caller, permission: GrantPermission, ignoresGroups = false): boolean =>
      findGrant(grants, { caller, permission, ignoresGroups }) !== undefined
    expect(has(CALLERS.writer, 'WRITE_ACP')).toBe(true)
    expect(has(CALLERS.owner, 'READ')).toBe(true)
    expect(has(CALLERS.owner, 'READ', true)).toBe(true)
    expect(has(CALLERS.owner, 'READ_ACP')).toBe(false)
    expect(has(CALLERS.anonymous, 'READ')).toBe(false)
  })

  it('keeps other grants as they are, and lets no account pass for the anonymous', () => {
    const grants = [{ grantee: { kind: 'account', id: ANONYMOUS_ID }, permission: 'READ' }] as const
    const ownership = { ownerId: 'owner', bucketOwnerId: 'owner' }
    expect(grantsOf({ grants }, ownership)).toBe(grants)
    for (const caller of [CALLERS.anonymous, account(ANONYMOUS_ID)]) {
      expect(findGrant(grants, { caller, permission: 'READ', ignoresGroups: false })).toBeUndefined()
    }
  })
})

describe('the reason of a decision', () => {
  const reason = (who: Who, action: Action, given: Circumstances): string =>
    decide({ ...factsOf(action, given), caller: CALLERS[who] }).reason
  const statement = (effect: string, action: string, sid?: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: sid, Effect: effect, Principal: '*', Action: action, Resource: 'arn:aws:s3:::b/*' }],
    })

  it('names the statement of the policy', () => {
    const policy = statement('Deny', 's3:GetObject', 'NoReading')
    expect(reason('root', 's3:GetObject', { policy })).toBe('statement "NoReading" of the bucket\'s policy denies')
    const open = { policy: statement('Allow', 's3:PutObject') }
    expect(reason('anonymous', 's3:PutObject', open)).toBe("statement 1 of the bucket's policy allows")
  })

  it('names the grant of the ACL', () => {
    const object = { ownerId: 'writer', acl: 'public-read' } as const
    expect(reason('anonymous', 's3:GetObject', { object })).toBe("the object's ACL grants READ to all users")
    expect(reason('writer', 's3:GetObject', { object })).toBe("the object's ACL grants FULL_CONTROL to writer")
    expect(reason('other', 's3:ListBucket', { acl: 'authenticated-read' })).toBe(
      "the bucket's ACL grants READ to authenticated users",
    )
    expect(reason('other', 's3:PutObject', {})).toBe("the bucket's ACL does not grant WRITE")
  })

  it('names the block, and who does not pay', () => {
    const publicAccessBlock = { ...NO_BLOCKS, ignorePublicAcls: true, restrictPublicBuckets: true }
    const blocked = { acl: 'public-read', settings: { publicAccessBlock } } as const
    const policy = statement('Allow', 's3:PutObject')
    expect(reason('other', 's3:PutObject', { ...blocked, policy })).toContain('RestrictPublicBuckets')
    expect(reason('other', 's3:ListBucket', blocked)).toContain('IgnorePublicAcls')
    const paid = { acl: 'public-read', settings: { requestPayer: 'Requester' } } as const
    expect(reason('other', 's3:ListBucket', paid)).toContain('the requesters pay')
    expect(reason('owner', 's3:ListBucket', paid)).toContain('grants FULL_CONTROL')
  })
})

describe('decide, as RGW was recorded', () => {
  const open = 'public-read-write'
  const written = (acl: Acl): ObjectFacts => ({ ownerId: 'writer', acl })
  const anonymously: ObjectFacts = { ownerId: ANONYMOUS_ID, acl: 'private' }
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::b/*'] }]
  const policy = JSON.stringify({ Version: '2012-10-17', Statement })

  it.each<[exchange: string, who: Who, action: Action, given: Circumstances, verdict: 'allow' | 'deny']>([
    ['acl.effect.anonymous_list', 'anonymous', 's3:ListBucket', { acl: 'public-read' }, 'allow'],
    ['acl.effect.alt_put.get_by_owner', 'owner', 's3:GetObject', { acl: open, object: written('private') }, 'deny'],
    ['acl.effect.anonymous_put.get_by_owner', 'owner', 's3:GetObject', { acl: open, object: anonymously }, 'allow'],
    [
      'acl.effect.alt_put.bucket_owner_full.get_acl',
      'owner',
      's3:GetObjectAcl',
      { object: written('bucket-owner-full-control') },
      'allow',
    ],
    ['acl.effect.anonymous_get_public', 'anonymous', 's3:GetObject', { object: written('public-read') }, 'allow'],
    ['acl.effect.anonymous_get_private', 'anonymous', 's3:GetObject', { object: written('private') }, 'deny'],
    ['acl.effect.anonymous_get_missing', 'anonymous', 's3:GetObject', { acl: open, object: 'absent' }, 'allow'],
    ['acl.effect.anonymous_get_missing_private', 'anonymous', 's3:GetObject', { object: 'absent' }, 'deny'],
    ['policy.effect.alt_get', 'other', 's3:GetObject', { policy, object: written('private') }, 'allow'],
    ['policy.effect.alt_put', 'other', 's3:PutObject', { policy }, 'deny'],
    ['policy.get.by_other', 'other', 's3:GetBucketPolicy', { policy }, 'deny'],
    ['policy.put.by_other', 'other', 's3:PutBucketPolicy', { policy }, 'deny'],
    ['bucket.get_acl.forbidden', 'other', 's3:GetBucketAcl', { acl: 'public-read' }, 'deny'],
    ['bucket.put_acl.forbidden', 'other', 's3:PutBucketAcl', { acl: open }, 'deny'],
    ['object.get_acl.forbidden', 'other', 's3:GetObjectAcl', { object: written('public-read') }, 'deny'],
  ])('%s', (_exchange, who, action, given, verdict) => {
    expect(decide({ ...factsOf(action, given), caller: CALLERS[who] }).verdict).toBe(verdict)
  })
})
