import { expect, it } from 'vitest'
import type { BucketSettings } from '../../../src/storage/metadata/settings.ts'
import { newBucket } from '../../support/rows.ts'
import { type MakePlace, makeBucket, useStore } from './fixture.ts'

const ALL: Required<BucketSettings> = {
  policy: ' {"Version": "2012-10-17",\n"Statement": []} ',
  publicAccessBlock: {
    blockPublicAcls: true,
    ignorePublicAcls: false,
    blockPublicPolicy: true,
    restrictPublicBuckets: false,
  },
  ownership: 'BucketOwnerPreferred',
  tags: [
    { key: 'b', value: 'ü' },
    { key: 'a', value: '' },
  ],
  cors: [
    {
      id: undefined,
      allowedOrigins: ['*'],
      allowedMethods: ['GET'],
      allowedHeaders: [],
      exposeHeaders: ['ETag'],
      maxAgeSeconds: 5,
    },
  ],
  website: { indexSuffix: 'index.html', routingRules: [{ redirect: { hostName: 'h' } }] },
  logging: {
    bucket: 'logs',
    prefix: 'p/',
    grants: [{ grantee: { kind: 'account', id: 'a' }, permission: 'READ' }],
    namesKeyFormat: true,
    setBy: 'a',
  },
  quota: { enabled: true, maxBytes: 2 ** 50, maxObjects: undefined },
  requestPayer: 'Requester',
  objectLockRetention: { mode: 'COMPLIANCE', years: 2 },
  encryption: { algorithm: 'aws:kms', kmsKeyId: 'key', bucketKeyEnabled: true },
  lifecycle: {
    rules: [
      {
        id: 'rule',
        enabled: true,
        isOldForm: false,
        filter: { prefix: 'p/', tags: [{ key: 'k', value: 'v' }], isAnd: true },
        expiration: { days: 3 },
        transitions: [{ dateMs: 86_400_000, storageClass: 'GLACIER' }],
        noncurrentTransitions: [],
      },
    ],
    putMs: 1,
  },
  notifications: [
    {
      id: 'n',
      topic: { tenant: 't', name: 'topic' },
      arn: 'arn:aws:sns:default:t:topic',
      element: 'TopicConfiguration',
      events: ['s3:ObjectCreated:*'],
      filter: { regex: '[a-z]+', metadata: [{ key: 'x-amz-meta-a', value: 'ü' }], tags: [] },
    },
  ],
}

export function bucketSettingContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const find = () => at.store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))
  const settings = async () => (await find())?.settings

  it('hands back every setting of a new bucket, also after it was closed and opened', async () => {
    const row = await at.store.write((tx) => tx.buckets.insert(newBucket('bucket', { settings: ALL })))
    expect(row.settings).toEqual(ALL)
    expect(await find()).toEqual(row)
    await at.reopen()
    expect(await find()).toEqual(row)
  })

  it('finds the buckets that have a setting, page by page, with all of their settings', async () => {
    const { store } = at
    const { lifecycle, tags } = ALL
    const names = ['b', 'a', 'c', 'd']
    for (const name of names) {
      const settings = name === 'c' ? { tags } : { lifecycle, tags }
      await store.write((tx) => tx.buckets.insert(newBucket(name, { settings })))
    }
    const list = (afterId: number, limit: number) =>
      store.read((tx) => tx.buckets.listWithSetting('lifecycle', { afterId, limit }))
    const all = await list(0, 10)
    expect(all.map(({ name }) => name)).toEqual(['b', 'a', 'd'])
    expect(all[0]).toEqual(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'b' })))
    expect(await list(all[0]!.id, 1)).toEqual([all[1]])
    expect(await list(all[2]!.id, 1)).toEqual([])
    await store.write((tx) => tx.buckets.setSetting(all[1]!.id, 'lifecycle', undefined))
    expect((await list(0, 10)).map(({ name }) => name)).toEqual(['b', 'd'])
  })

  it('sets, replaces and removes each by itself', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    expect(await settings()).toEqual({})
    const { policy, tags, quota } = ALL
    await store.write((tx) => tx.buckets.setSetting(bucketId, 'policy', policy))
    expect(await settings()).toEqual({ policy })
    await store.write((tx) => tx.buckets.setSetting(bucketId, 'tags', tags))
    expect(await settings()).toEqual({ policy, tags })
    await store.write((tx) => tx.buckets.setSetting(bucketId, 'policy', '{}'))
    expect(await settings()).toEqual({ policy: '{}', tags })
    await store.write(async (tx) => {
      await tx.buckets.setSetting(bucketId, 'policy', undefined)
      await tx.buckets.setSetting(bucketId, 'quota', quota)
      await tx.buckets.setSetting(bucketId, 'cors', undefined)
    })
    expect(await settings()).toEqual({ tags, quota })
  })

  it('shows a change to its own transaction and to the ones behind it, and to nobody when it is undone', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    expect(await settings()).toEqual({})
    const setting = (payer: 'Requester' | 'BucketOwner', cause?: Error) =>
      store.write(async (tx) => {
        await tx.buckets.setSetting(bucketId, 'requestPayer', payer)
        const seen = (await tx.buckets.find({ tenant: '', name: 'bucket' }))?.settings.requestPayer
        if (cause !== undefined) throw cause
        return seen
      })
    const outcomes = await Promise.allSettled([
      setting('Requester'),
      setting('BucketOwner', new Error('undone')),
      store.write((tx) => tx.buckets.find({ tenant: '', name: 'bucket' })),
    ])
    expect(outcomes).toMatchObject([
      { value: 'Requester' },
      { reason: { message: 'undone' } },
      { value: { settings: { requestPayer: 'Requester' } } },
    ])
    expect(await settings()).toEqual({ requestPayer: 'Requester' })
    await expect(setting('BucketOwner', new Error('undone'))).rejects.toThrow('undone')
    expect(await settings()).toEqual({ requestPayer: 'Requester' })
  })

  it('cannot be changed in place, and stays the same object as long as nothing changes', async () => {
    const { store } = at
    const bucketId = await makeBucket(store, { settings: { tags: ALL.tags } })
    const row = await find()
    const tags = row?.settings.tags as { key: string; value: string }[]
    expect(() => tags.push({ key: 'c', value: '' })).toThrow(TypeError)
    expect(() => Object.assign(tags[0]!, { value: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(row!.settings, { policy: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(row!, { settings: {} })).toThrow(TypeError)
    expect((await find())?.settings).toBe(row?.settings)
    await store.write((tx) => tx.buckets.setAcl(bucketId, 'public-read'))
    expect((await find())?.settings).toEqual(row?.settings)
  })

  it('keeps the settings of a bucket from those of others, and removes them with it', async () => {
    const { store } = at
    const bucketId = await makeBucket(store, { settings: { policy: 'mine' } })
    const other = await store.write((tx) => tx.buckets.insert(newBucket('other', { settings: { policy: 'other' } })))
    await store.write((tx) => tx.buckets.remove(bucketId, 0))
    await makeBucket(store)
    expect(await settings()).toEqual({})
    expect(await store.read((tx) => tx.buckets.find(other))).toEqual(other)
  })

  it('leaves settings out of lists', async () => {
    const { store } = at
    await makeBucket(store, { settings: ALL })
    const listed = await store.read(async (tx) => [
      ...(await tx.buckets.list({ ownerId: 'owner', prefix: '', after: undefined, limit: 10 })),
      ...(await tx.buckets.listAll({ after: undefined, limit: 10 })),
    ])
    expect(listed).toHaveLength(2)
    for (const row of listed) expect(row).not.toHaveProperty('settings')
  })
}
