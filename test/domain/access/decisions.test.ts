import { describe, expect, it } from 'vitest'
import { NO_BLOCKS } from '../../../src/domain/access/blocks.ts'
import { NO_CONDITIONS } from '../../../src/domain/access/conditions.ts'
import { decide } from '../../../src/domain/access/decide.ts'
import type { Facts } from '../../../src/domain/access/facts.ts'
import { type Action, BUCKET_ACTIONS, OBJECT_ACTIONS } from '../../../src/domain/access/permissions.ts'
import { parsePolicy } from '../../../src/domain/access/policy/parse.ts'
import type { Policy } from '../../../src/domain/access/policy/policy.ts'
import { ANONYMOUS_ID, type Caller } from '../../../src/domain/accounts.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import { awsDialect } from '../../../src/s3/dialects/aws.ts'
import { RGW_RULES } from '../../../src/s3/dialects/rgw.ts'
import type { Acl, Grantee, GrantPermission } from '../../../src/storage/metadata/rows.ts'
import { testAccount } from '../../support/accounts.ts'
import { MovedClock } from '../../support/services.ts'
import { type Case, EVERYBODY, isOnObject, type Line, type ModelStatement, type Who, whoMay } from './model.ts'

// Every combination of caller, ACL, object, policy, block, ownership and payer, held against the model. What differs is
// listed; the rows are counted so that nobody thins them out unnoticed.

const BUCKET = 'b'
const RULES = {
  rgw: RGW_RULES.access,
  aws: awsDialect({ ids: new IdSource(), clock: new MovedClock(), region: 'us-east-1' }).access,
}
const CALLERS: Readonly<Record<Who, Caller>> = {
  root: { kind: 'account', account: testAccount('root', { isRoot: true }) },
  owner: { kind: 'account', account: testAccount('owner') },
  writer: { kind: 'account', account: testAccount('writer') },
  other: { kind: 'account', account: testAccount('other') },
  anonymous: { kind: 'anonymous' },
}

interface NamedAcl {
  readonly lines: readonly Line[]
  /** Made of the lines where it is left out. */
  readonly canned?: Acl
}

const BUCKET_ACLS: readonly NamedAcl[] = [
  { canned: 'private', lines: ['holder FULL'] },
  { canned: 'public-read', lines: ['holder FULL', 'all READ'] },
  { canned: 'public-read-write', lines: ['holder FULL', 'all READ', 'all WRITE'] },
  { canned: 'authenticated-read', lines: ['holder FULL', 'accounts READ'] },
  { lines: [] },
  { lines: ['other READ', 'writer WRITE', 'other READ_ACP'] },
  { lines: ['accounts FULL', 'logs WRITE'] },
  { lines: ['all READ_ACP', 'all WRITE_ACP', 'owner READ'] },
]

const OBJECT_ACLS: readonly NamedAcl[] = [
  { canned: 'private', lines: ['holder FULL'] },
  { canned: 'public-read', lines: ['holder FULL', 'all READ'] },
  { canned: 'authenticated-read', lines: ['holder FULL', 'accounts READ'] },
  { canned: 'bucket-owner-read', lines: ['holder FULL', 'bucket-owner READ'] },
  { canned: 'bucket-owner-full-control', lines: ['holder FULL', 'bucket-owner FULL'] },
  { lines: [] },
  { lines: ['other READ', 'other WRITE_ACP', 'logs READ', 'anonymous FULL'] },
  { lines: ['all FULL'] },
]

/** Policies about one action, as the model reads them; each is read by the engine from its text. */
const POLICIES: readonly ((action: Action) => readonly ModelStatement[])[] = [
  () => [],
  (action) => [{ effect: 'Allow', who: 'public', actions: [action] }],
  (action) => [{ effect: 'Allow', who: ['other'], actions: [action] }],
  (action) => [{ effect: 'Deny', who: 'public', actions: [action] }],
  (action) => [{ effect: 'Deny', who: ['other', 'owner'], actions: [action] }],
  (action) => [{ effect: 'Deny', who: [], butNot: ['other', 'root'], actions: [action] }],
  (action) => [
    { effect: 'Deny', who: ['writer'], actions: [action] },
    { effect: 'Allow', who: 'public', actions: [action, 's3:PutObject'] },
  ],
  () => [
    { effect: 'Allow', who: ['other', 'writer'], actions: ['s3:ListBucket', 's3:PutObject'] },
    { effect: 'Deny', who: ['owner', 'root'], actions: ['s3:ListBucket'] },
  ],
]

function aclOf({ canned, lines }: NamedAcl, holder: Who): Acl {
  if (canned !== undefined) return canned
  const grants = lines.map((line) => {
    const [name = '', given] = line.split(' ')
    const permission = (given === 'FULL' ? 'FULL_CONTROL' : given) as GrantPermission
    return { grantee: granteeOf(name, holder), permission }
  })
  return { grants }
}

function granteeOf(name: string, holder: Who): Grantee {
  if (name === 'all') return { kind: 'all-users' }
  if (name === 'accounts') return { kind: 'authenticated-users' }
  if (name === 'logs') return { kind: 'log-delivery' }
  return { kind: 'account', id: name === 'holder' ? holder : name === 'bucket-owner' ? 'owner' : name }
}

function policyOf(statements: readonly ModelStatement[]): Policy | undefined {
  if (statements.length === 0) return undefined
  const arn = (who: Who): string => `arn:aws:iam:::user/${who}`
  const Statement = statements.map(({ effect, who, butNot, actions }) => ({
    Effect: effect,
    ...(butNot === undefined
      ? { Principal: who === 'public' ? '*' : { AWS: who.map(arn) } }
      : { NotPrincipal: { AWS: butNot.map(arn) } }),
    Action: actions,
    Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
  }))
  return parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), { rules: RULES.rgw, bucket: BUCKET })
}

/** One row but for its caller: what the model is told, and the same as facts. */
interface Row {
  readonly told: Case
  readonly facts: Omit<Facts, 'caller'>
}

interface Dimensions {
  readonly action: Action
  readonly provider: 'rgw' | 'aws'
  readonly bucketAcls: readonly NamedAcl[]
  readonly objectAcls: readonly NamedAcl[]
}

const SWITCHES = [false, true]
const OBJECT_OWNERS: readonly Who[] = ['owner', 'writer', 'anonymous']

function* objectsOf(
  action: Action,
  acls: readonly NamedAcl[],
): Generator<Pick<Row['facts'], 'object'> & { told: Case['object'] }> {
  if (!isOnObject(action)) {
    yield { object: undefined, told: 'none' }
    // What is looked up for its tags alone decides nothing else.
    yield { object: { ownerId: 'writer', acl: 'public-read' }, told: { owner: 'writer', acl: ['all READ'] } }
    return
  }
  yield { object: 'absent', told: 'absent' }
  if (action === 's3:PutObjectAcl' || action === 's3:PutObjectTagging') yield { object: 'new', told: 'new' }
  for (const owner of OBJECT_OWNERS) {
    for (const acl of acls) {
      const ownerId = owner === 'anonymous' ? ANONYMOUS_ID : owner
      const holder = owner === 'anonymous' ? 'owner' : owner
      yield { object: { ownerId, acl: aclOf(acl, holder) }, told: { owner, acl: acl.lines } }
    }
  }
}

interface Setting {
  readonly ignoresPublicAcls: boolean
  readonly restrictsPublic: boolean
  readonly enforced: boolean
  readonly payer: 'owner' | 'requester'
  readonly agreesToPay: boolean
}

function* settings(): Generator<Setting> {
  for (const ignoresPublicAcls of SWITCHES) {
    for (const restrictsPublic of SWITCHES) {
      for (const enforced of SWITCHES) {
        const blocks = { ignoresPublicAcls, restrictsPublic, enforced }
        yield { ...blocks, payer: 'owner', agreesToPay: false }
        for (const agreesToPay of SWITCHES) yield { ...blocks, payer: 'requester', agreesToPay }
      }
    }
  }
}

const SETTINGS = [...settings()].map((setting) => ({
  setting,
  stored: {
    publicAccessBlock: {
      ...NO_BLOCKS,
      ignorePublicAcls: setting.ignoresPublicAcls,
      restrictPublicBuckets: setting.restrictsPublic,
    },
    ownership: setting.enforced ? ('BucketOwnerEnforced' as const) : undefined,
    requestPayer: setting.payer === 'requester' ? ('Requester' as const) : undefined,
  },
}))

function* rows({ action, provider, bucketAcls, objectAcls }: Dimensions): Generator<Row> {
  const policies = POLICIES.map((make) => make(action)).map((told) => ({ told, policy: policyOf(told) }))
  const rules = RULES[provider]
  const key = OBJECT_ACTIONS.some((one) => one === action) ? 'k' : undefined
  for (const bucketAcl of bucketAcls) {
    const acl = aclOf(bucketAcl, 'owner')
    for (const { object, told } of objectsOf(action, objectAcls)) {
      for (const { policy, told: statements } of policies) {
        for (const { setting, stored } of SETTINGS) {
          const bucket = { name: BUCKET, ownerId: 'owner', acl, settings: stored }
          yield {
            told: { provider, action, bucketAcl: bucketAcl.lines, object: told, policy: statements, ...setting },
            facts: {
              action,
              rules,
              bucket,
              key,
              object,
              policy,
              conditions: NO_CONDITIONS,
              paysAsRequester: setting.agreesToPay,
            },
          }
        }
      }
    }
  }
}

/** How many rows there were, and those on which the two disagree. */
function compare(dimensions: Dimensions): { count: number; differing: string[] } {
  const differing: string[] = []
  let count = 0
  for (const { told, facts } of rows(dimensions)) {
    const expected = whoMay(told)
    for (const who of EVERYBODY) {
      count += 1
      const { verdict, reason } = decide({ ...facts, caller: CALLERS[who] })
      const agrees = (verdict === 'allow') === expected.has(who) && reason !== ''
      if (!agrees && differing.length < 3) differing.push(`${who}: ${verdict}, ${reason}: ${JSON.stringify(told)}`)
    }
  }
  return { count, differing }
}

/** Actions of each kind that rules tell apart, in every combination. */
const THOROUGH: readonly Action[] = [
  's3:ListBucket',
  's3:PutObject',
  's3:GetBucketAcl',
  's3:PutBucketPolicy',
  's3:GetObject',
  's3:PutObjectAcl',
  's3:GetObjectTagging',
  's3:PutObjectTagging',
]

describe.each(['rgw', 'aws'] as const)('decide and the model, by the rules of %s', (provider) => {
  const total = { rows: 0 }

  it.each(THOROUGH)('agree on %s in every combination', (action) => {
    const objectAcls = OBJECT_ACLS
    const bucketAcls = isOnObject(action) ? BUCKET_ACLS.slice(0, 3) : BUCKET_ACLS
    const { count, differing } = compare({ action, provider, bucketAcls, objectAcls })
    total.rows += count
    expect(differing).toEqual([])
  })

  it('agree on every action there is', () => {
    const bucketAcls = BUCKET_ACLS.slice(1, 3)
    const objectAcls = OBJECT_ACLS.slice(0, 2)
    for (const action of [...BUCKET_ACTIONS, ...OBJECT_ACTIONS].filter((one) => one !== 's3:CreateBucket')) {
      const { count, differing } = compare({ action, provider, bucketAcls, objectAcls })
      total.rows += count
      expect(differing).toEqual([])
    }
  })

  it('did so on more than a hundred thousand rows', () => {
    expect(total.rows).toBeGreaterThan(100_000)
  })
})
