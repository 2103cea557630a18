import { describe, expect, it } from 'vitest'
import { decide, demandOf, type Facts, type ObjectFacts } from '../../../src/domain/access/decide.ts'
import { cannedGrants, isGranted } from '../../../src/domain/access/grants.ts'
import type { Action } from '../../../src/domain/access/permissions.ts'
import { type Account, ANONYMOUS_ID, type Caller } from '../../../src/domain/accounts.ts'
import type { CannedAcl } from '../../../src/storage/metadata/rows.ts'

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
  const rest: Omit<Account, 'id' | 'isRoot'> = {
    tenant: '',
    displayName: id,
    email: undefined,
    suspended: false,
    maxBuckets: 10,
  }
  return { kind: 'account', account: { id, isRoot, ...rest } }
}

/** Who of all callers may do this. */
function allowed(action: Action, facts: { acl?: CannedAcl; object?: Facts['object'] } = {}): Who[] {
  const bucket = { ownerId: 'owner', acl: facts.acl ?? 'private' }
  return EVERYBODY.filter((who) => {
    const decision = decide({ caller: CALLERS[who], action, bucket, object: facts.object })
    expect(decision.reason).not.toBe('')
    return decision.verdict === 'allow'
  })
}

describe('decide, on buckets', () => {
  it('lets everybody ask for his buckets, and every account create one', () => {
    expect(allowed('s3:ListAllMyBuckets')).toEqual(EVERYBODY)
    expect(allowed('s3:CreateBucket')).toEqual(['root', 'owner', 'writer', 'other'])
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
    const bucket = undefined
    expect(decide({ caller: CALLERS.owner, action: 's3:ListBucket', bucket, object: undefined }).verdict).toBe('deny')
    expect(decide({ caller: CALLERS.owner, action: 's3:DeleteBucket', bucket, object: undefined }).verdict).toBe('deny')
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
    expect(isGranted(grants, CALLERS.writer, 'WRITE_ACP')).toBe(true)
    expect(isGranted(grants, CALLERS.owner, 'READ')).toBe(true)
    expect(isGranted(grants, CALLERS.owner, 'READ_ACP')).toBe(false)
    expect(isGranted(grants, CALLERS.anonymous, 'READ')).toBe(false)
  })
})
