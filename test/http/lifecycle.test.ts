// Rules as clients see them: the headers that tell of them, and what a moved clock makes of a bucket.

import {
  type BucketVersioningStatus,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'
import { createBucket, setVersioning } from '../support/buckets.ts'
import { control, setClock } from '../support/control.ts'
import { policyOf, post, signFormV2 } from '../support/form.ts'
import { type TestServer, uniqueName, useServer } from '../support/server.ts'

const DAY = 86_400_000
const NOON = '2031-03-01T12:00:00Z'
const THIRD = 'Mon, 03 Mar 2031 00:00:00 GMT'

async function putRules(server: TestServer, Bucket: string, rules: readonly Partial<LifecycleRule>[]): Promise<void> {
  const Rules = rules.map((rule) => ({ Status: 'Enabled' as const, Filter: { Prefix: '' }, ...rule }))
  await server.s3().send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
}

async function put(server: TestServer, name: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) await server.request('PUT', `/${name}/${key}`, { body: 'x' })
}

/** The versions of a bucket, as `key`, `key(old)`, `key(marker)`, with their class. */
async function contents(server: TestServer, Bucket: string): Promise<string[]> {
  const page = await server.s3().send(new ListObjectVersionsCommand({ Bucket }))
  const versions = [
    ...(page.Versions ?? []).map((one) => ({ ...one, mark: one.StorageClass?.replace('STANDARD', '') })),
    ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, mark: 'marker' })),
  ]
  return versions
    .map(({ Key, IsLatest, mark = '' }) => {
      const marks = [IsLatest === true ? '' : 'old', mark].filter((one) => one !== '').join(' ')
      return marks === '' ? `${Key}` : `${Key}(${marks})`
    })
    .toSorted()
}

describe('x-amz-expiration', () => {
  const server = useServer()
  afterEach(() => setClock(server(), { reset: true }))

  it('stands on every way to write and to read the current version', async () => {
    await setClock(server(), { freeze: NOON })
    const Bucket = await createBucket(server())
    await put(server(), Bucket, ['before'])
    await putRules(server(), Bucket, [{ ID: 'the rule', Filter: { Prefix: 'k' }, Expiration: { Days: 1 } }])
    const expected = `expiry-date="${THIRD}", rule-id="the rule"`
    const expiration = async (method: string, path: string, body?: string) =>
      (await server().request(method, `/${Bucket}/${path}`, { body })).headers['x-amz-expiration']
    expect(await expiration('PUT', 'k', 'x')).toBe(expected)
    expect(await expiration('GET', 'k')).toBe(expected)
    const query = { append: undefined, position: '0' }
    const appended = await server().request('PUT', `/${Bucket}/kappended`, { query, body: 'x' })
    expect(appended.headers['x-amz-expiration']).toBe(expected)
    expect(await expiration('HEAD', 'k')).toBe(expected)
    expect(await expiration('HEAD', 'before')).toBeUndefined()
    expect(await expiration('PUT', 'other', 'x')).toBeUndefined()
    const s3 = server().s3()
    const copied = await s3.send(new CopyObjectCommand({ Bucket, Key: 'kopy', CopySource: `${Bucket}/before` }))
    expect(copied.Expiration).toBe(expected)
    const form = {
      fields: [['key', 'kform'], ...signFormV2(policyOf([{ bucket: Bucket }, { key: 'kform' }]), server().root)],
    } as const
    expect((await post(server(), Bucket, form)).headers['x-amz-expiration']).toBe(expected)
    const Key = 'kparts'
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }))
    const completed = await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    )
    expect(completed.Expiration).toBe(expected)
  })

  it('tells of the rule that comes first, and of what it asks about', async () => {
    await setClock(server(), { freeze: NOON })
    const name = await createBucket(server())
    const tag = { Key: 'temp', Value: 'yes' }
    await putRules(server(), name, [
      { ID: 'late', Expiration: { Days: 9 } },
      { ID: 'off', Status: 'Disabled', Expiration: { Days: 1 } },
      { ID: 'tagged', Filter: { Tag: tag }, Expiration: { Days: 1 } },
      { ID: 'large', Filter: { ObjectSizeGreaterThan: 3 }, Expiration: { Date: new Date('2031-03-02') } },
      { ID: 'marker', Expiration: { ExpiredObjectDeleteMarker: true } },
      { ID: 'late too', Expiration: { Days: 9 } },
    ])
    const ruleOf = async (body: string, headers = {}) => {
      await server().request('PUT', `/${name}/k`, { body, headers })
      const answer = await server().request('HEAD', `/${name}/k`)
      return /rule-id="(.*)"/.exec(String(answer.headers['x-amz-expiration']))?.[1]
    }
    expect(await ruleOf('x')).toBe('late')
    expect(await ruleOf('x', { 'x-amz-tagging': 'temp=yes' })).toBe('tagged')
    expect(await ruleOf('long', { 'x-amz-tagging': 'temp=yes' })).toBe('large')
    expect(await ruleOf('long')).toBe('large')
  })

  it('stands on no answer about a version that was named, nor on an error', async () => {
    const name = await createBucket(server(), { versioning: 'Enabled' })
    await putRules(server(), name, [{ ID: 'r', Expiration: { Days: 1 } }])
    const { headers } = await server().request('PUT', `/${name}/k`, { body: 'x' })
    expect(headers['x-amz-expiration']).toBeDefined()
    const versionId = String(headers['x-amz-version-id'])
    const named = await server().request('HEAD', `/${name}/k`, { query: { versionId } })
    expect([named.status, named.headers['x-amz-expiration']]).toEqual([200, undefined])
    expect((await server().request('GET', `/${name}/none`)).headers['x-amz-expiration']).toBeUndefined()
  })

  it('is a date for the largest number of days too', async () => {
    const name = await createBucket(server())
    await putRules(server(), name, [{ ID: 'r', Expiration: { Days: 2 ** 31 - 1 } }])
    const { headers } = await server().request('PUT', `/${name}/k`, { body: 'x' })
    expect(headers['x-amz-expiration']).toBe('expiry-date="Fri, 31 Dec 9999 00:00:00 GMT", rule-id="r"')
  })

  it('cannot be broken by the id of a rule', async () => {
    const name = await createBucket(server())
    await putRules(server(), name, [{ ID: 'a "b" 100%\r\nx: y 键', Expiration: { Days: 1 } }])
    const { headers } = await server().request('PUT', `/${name}/k`, { body: 'x' })
    expect(headers['x-amz-expiration']).toMatch(/rule-id="a %22b%22 100%25%0D%0Ax: y %E9%94%AE"$/)
    expect(headers['x']).toBeUndefined()
  })
})

describe('x-amz-abort-date', () => {
  const aws = useServer({ config: { dialect: 'aws' } })
  const rgw = useServer({ config: { dialect: 'rgw' } })

  it('tells AWS’s clients when their upload ends', async () => {
    await setClock(aws(), { freeze: NOON })
    for (const server of [aws(), rgw()]) {
      const Bucket = await createBucket(server)
      const abort = { DaysAfterInitiation: 1 }
      await putRules(server, Bucket, [{ ID: 'r', AbortIncompleteMultipartUpload: abort }])
      const s3 = server.s3()
      const created = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }))
      const listed = await s3.send(new ListPartsCommand({ Bucket, Key: 'k', UploadId: created.UploadId }))
      const told = server === aws() ? [new Date('2031-03-03'), 'r'] : [undefined, undefined]
      for (const answer of [created, listed]) expect([answer.AbortDate, answer.AbortRuleId]).toEqual(told)
    }
  })
})

describe('a moved clock', () => {
  const server = useServer()
  afterEach(() => setClock(server(), { reset: true }))
  const advance = (duration: string) => setClock(server(), { advance: duration, wait: true })

  it('expires, moves, aborts and cleans up before it answers', async () => {
    await setClock(server(), { freeze: NOON })
    const Bucket = await createBucket(server())
    await putRules(server(), Bucket, [
      { ID: 'logs', Filter: { Prefix: 'logs/' }, Expiration: { Days: 30 } },
      {
        ID: 'cold',
        Filter: { Prefix: 'cold/' },
        Transitions: [
          { Days: 10, StorageClass: 'STANDARD_IA' },
          { Days: 20, StorageClass: 'GLACIER' },
        ],
      },
      { ID: 'date', Filter: { Prefix: 'date/' }, Expiration: { Date: new Date('2031-03-20') } },
      { ID: 'uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    ])
    await put(server(), Bucket, ['cold/a', 'date/a', 'logs/a', 'other'])
    await server()
      .s3()
      .send(new CreateMultipartUploadCommand({ Bucket, Key: 'up' }))
    await advance('P7D')
    expect(await contents(server(), Bucket)).toEqual(['cold/a', 'date/a', 'logs/a', 'other'])
    await advance('P4D')
    expect(await contents(server(), Bucket)).toEqual(['cold/a(_IA)', 'date/a', 'logs/a', 'other'])
    expect((await server().s3().send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined()
    await advance('P10D')
    expect(await contents(server(), Bucket)).toEqual(['cold/a(GLACIER)', 'logs/a', 'other'])
    await advance('P31D')
    expect(await contents(server(), Bucket)).toEqual(['cold/a(GLACIER)', 'other'])
    // The object is the same in all but its class.
    const head = await server()
      .s3()
      .send(new HeadObjectCommand({ Bucket, Key: 'cold/a' }))
    expect([head.StorageClass, head.LastModified]).toEqual(['GLACIER', new Date(NOON)])
  })

  it.each<[versioning: BucketVersioningStatus, first: string[], second: string[]]>([
    ['Enabled', ['k(marker)', 'k(old)', 'k(old)'], []],
    ['Suspended', ['k(marker)', 'k(old)'], []],
  ])('treats a bucket whose versioning is %s', async (versioning, first, second) => {
    await setClock(server(), { freeze: NOON })
    const name = await createBucket(server(), { versioning: 'Enabled' })
    await put(server(), name, ['k'])
    await setVersioning(server(), name, versioning)
    await put(server(), name, ['k'])
    await putRules(server(), name, [
      { ID: 'all', Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 40 } },
    ])
    await advance('P31D')
    expect(await contents(server(), name)).toEqual(first)
    expect((await server().request('GET', `/${name}/k`)).status).toBe(404)
    await advance('P60D')
    expect(await contents(server(), name)).toEqual(second)
  })

  it('leaves a locked version where it is until its time is over', async () => {
    await setClock(server(), { freeze: NOON })
    const Bucket = await createBucket(server(), { objectLock: true })
    const ObjectLockRetainUntilDate = new Date('2031-06-01T00:00:00Z')
    const s3 = server().s3()
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate }),
    )
    await putRules(server(), Bucket, [
      { ID: 'all', Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    ])
    await advance('P5D')
    await advance('P5D')
    expect(await contents(server(), Bucket)).toEqual(['k(marker)', 'k(old)'])
    await advance('P90D')
    expect(await contents(server(), Bucket)).toEqual([])
  })

  it('finds the same rules after a restart', async () => {
    const name = await createBucket(server())
    await putRules(server(), name, [{ ID: 'r', Expiration: { Days: 1 } }])
    await put(server(), name, ['k'])
    await server().restart()
    await advance('P3D')
    expect(await contents(server(), name)).toEqual([])
  })
})

describe('days of another length', () => {
  const server = useServer({ config: { lifecycle: { dayMs: 1000 } } })
  afterEach(() => setClock(server(), { reset: true }))

  it('are not rounded', async () => {
    await setClock(server(), { freeze: NOON })
    const name = await createBucket(server())
    await putRules(server(), name, [{ ID: 'r', Expiration: { Days: 2 } }])
    const { headers } = await server().request('PUT', `/${name}/k`, { body: 'x' })
    expect(headers['x-amz-expiration']).toBe('expiry-date="Sat, 01 Mar 2031 12:00:02 GMT", rule-id="r"')
    await setClock(server(), { advance: 1999, wait: true })
    expect(await contents(server(), name)).toEqual(['k'])
    await setClock(server(), { advance: 1, wait: true })
    expect(await contents(server(), name)).toEqual([])
  })
})

describe('/control/lifecycle', () => {
  const server = useServer()
  afterEach(() => setClock(server(), { reset: true }))
  const get = (query = '') => control(server(), `lifecycle${query}`)
  const run = (query = '', body?: unknown) => control(server(), `lifecycle/run${query}`, { method: 'POST', body })
  const NONE = { deletedVersions: 0, removedMarkers: 0, transitioned: 0, abortedUploads: 0, locked: 0, failed: 0 }

  it('tells of the last run and the next', async () => {
    await setClock(server(), { freeze: NOON })
    const bucket = await createBucket(server())
    await put(server(), bucket, ['a', 'b'])
    await putRules(server(), bucket, [
      { ID: 'r', Filter: { Prefix: 'a' }, Expiration: { Days: 1 } },
      { ID: 'off', Status: 'Disabled', Expiration: { Days: 1 } },
    ])
    const known = { bucket, rules: 2, enabledRules: 1, running: null }
    const before = { ...known, lastRun: null, nextRun: '2031-03-02T00:00:00.000Z' }
    expect(await get(`?bucket=${bucket}`)).toEqual({
      status: 200,
      json: { now: '2031-03-01T12:00:00.000Z', dayMs: DAY, buckets: [before] },
    })
    expect((await get()).json.buckets).toContainEqual(before)
    await setClock(server(), { advance: 'P5D', wait: true })
    const at = '2031-03-06T12:00:00.000Z'
    const lastRun = { started: at, ended: at, scanned: 1, expired: 1, ...NONE }
    const after = { ...known, lastRun, nextRun: '2031-03-07T00:00:00.000Z' }
    expect((await get(`?bucket=${bucket}`)).json.buckets).toEqual([after])
  })

  it('rehearses a run, and runs', async () => {
    await setClock(server(), { freeze: NOON })
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    await put(server(), Bucket, ['a', 'b', 'c', 'c'])
    const s3 = server().s3()
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'up' }))
    await setClock(server(), { advance: 'P9D' })
    await putRules(server(), Bucket, [
      {
        ID: 'a',
        Filter: { Prefix: 'a' },
        Expiration: { Days: 2 },
        Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
      },
      { ID: 'c', Filter: { Prefix: 'c' }, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
      { ID: 'up', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 5 } },
    ])
    const before = await contents(server(), Bucket)
    const rehearsal = await get(`?dryRun=true&bucket=${Bucket}`)
    const versionId = expect.stringMatching(/^.{31}$/)
    const due = (day: number) => `2031-03-0${day}T00:00:00.000Z`
    expect(rehearsal.json).toEqual({
      now: '2031-03-10T12:00:00.000Z',
      dryRun: true,
      buckets: [
        {
          bucket: Bucket,
          actions: [
            { action: 'transition', key: 'a', versionId, rule: 'a', due: due(3), storageClass: 'GLACIER' },
            { action: 'expire', key: 'a', versionId, rule: 'a', due: due(4) },
            { action: 'delete-version', key: 'c', versionId, rule: 'c', due: due(5) },
            { action: 'abort-upload', key: 'up', uploadId: UploadId, rule: 'up', due: due(7) },
          ],
          scanned: expect.any(Number),
          truncated: false,
        },
      ],
    })
    const short = (await get(`?dryRun=true&limit=1&bucket=${Bucket}`)).json.buckets[0]
    expect([short.actions.length, short.truncated]).toEqual([2, true])
    expect(await contents(server(), Bucket)).toEqual(before)
    const { status, json } = await run(`?bucket=${Bucket}`)
    expect([status, json.buckets.length]).toEqual([200, 1])
    expect(json.buckets[0]).toMatchObject({
      bucket: Bucket,
      run: { expired: 1, transitioned: 1, deletedVersions: 1, abortedUploads: 1, locked: 0, failed: 0 },
    })
    expect(await contents(server(), Bucket)).toEqual(['a(marker)', 'a(old GLACIER)', 'b', 'c'])
    // All buckets with rules, of which nothing is due any more.
    expect((await run()).json.buckets).toContainEqual({
      bucket: Bucket,
      run: { started: expect.any(String), ended: expect.any(String), scanned: expect.any(Number), expired: 0, ...NONE },
    })
  })

  it.each([
    ['?dry=true', 400],
    ['?dryRun=yes', 400],
    ['?dryRun=true&limit=0', 400],
    ['?dryRun=true&limit=10001', 400],
    ['?dryRun=true&limit=many', 400],
    ['?limit=5', 400],
    ['?bucket=a&bucket=b', 400],
    ['?tenant=t', 400],
    ['?bucket=there-is-none', 404],
    ['?dryRun=true&limit=5', 200],
  ])('answers %s with %i', async (query, status) => {
    expect((await get(query)).status).toBe(status)
  })

  it('says what is wrong with what it is asked for', async () => {
    const name = await createBucket(server())
    expect((await get(`?bucket=${name}`)).json).toEqual({ error: `the bucket ${name} has no rules` })
    expect((await run(`?bucket=${name}`)).status).toBe(404)
    expect((await run('', { bucket: name })).status).toBe(400)
    expect((await run('?limit=5')).status).toBe(400)
    expect((await control(server(), 'lifecycle', { method: 'POST' })).status).toBe(405)
    expect((await control(server(), 'lifecycle/run')).status).toBe(405)
    expect((await get(`?bucket=${uniqueName('none')}`)).status).toBe(404)
  })
})
