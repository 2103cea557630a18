import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { getNotifications, keyFilter, notificationXml, putNotifications } from '../support/notifications.ts'
import { uniqueName, useServer } from '../support/server.ts'
import { makeTopic, STRANGER } from '../support/sns.ts'

const ids = (text: string) => [...text.matchAll(/<Id>(.*?)<\/Id>/g)].map(([, id]) => id)

describe('PutBucketNotificationConfiguration', () => {
  const server = useServer({ config: { dialect: 'rgw' }, users: [STRANGER.plain] })
  const put = async (bucket: string, inside: string, request = {}) =>
    verdict(await putNotifications(server(), bucket, { inside, ...request }))
  const listed = async (bucket: string) => ids((await getNotifications(server(), bucket)).text)

  it('adds to what is there, and replaces what has the same id and topic', async () => {
    const bucket = await createBucket(server())
    const [one, two] = [await makeTopic(server(), { name: 'one' }), await makeTopic(server(), { name: 'two' })]
    expect(await put(bucket, notificationXml({ id: 'n2', arn: one }))).toBe('200')
    expect(await put(bucket, notificationXml({ id: 'n1', arn: one }) + notificationXml({ id: 'n1', arn: two }))).toBe(
      '200',
    )
    expect(await listed(bucket)).toEqual(['n1', 'n1', 'n2'])
    const changed = notificationXml({ id: 'n1', arn: two, events: ['s3:ObjectCreated:Put'] })
    expect(await put(bucket, changed)).toBe('200')
    const { text } = await getNotifications(server(), bucket)
    expect(ids(text)).toEqual(['n1', 'n1', 'n2'])
    expect(text).toContain(`<Topic>${two}</Topic><Event>s3:ObjectCreated:Put</Event></TopicConfiguration>`)
  })

  it('names the element that is missing', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'named' })
    const { text } = await putNotifications(server(), bucket, { inside: notificationXml({ arn }) })
    expect(text).toContain('<Message>A notification needs the element Id</Message>')
    const inside = '<TopicConfiguration><Id>n</Id></TopicConfiguration>'
    expect((await putNotifications(server(), bucket, { inside })).text).toContain('needs the element Topic</Message>')
    expect(await put(bucket, notificationXml({ id: 'n', arn }))).toBe('200')
  })

  it('refuses what cannot be, and leaves what is there', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'strict' })
    expect(await put(bucket, notificationXml({ id: 'n', arn }))).toBe('200')
    const other = (change: object) => notificationXml({ id: 'other', arn, ...change })
    for (const [inside, code] of [
      ['', '400 MalformedXML'],
      [notificationXml({ arn }), '400 MalformedXML'],
      [other({ arn: 'garbage' }), '400 InvalidArgument'],
      [other({ arn: 'arn:aws:sqs:default::strict' }), '400 InvalidArgument'],
      [other({ arn: 'arn:aws:sns:default::no_such' }), '404 NoSuchKey'],
      [other({ events: ['s3:Frobnicate'] }), '400 InvalidArgument'],
      [other({ filter: keyFilter({ regex: '(a)\\1' }) }), '400 InvalidArgument'],
      ['<EventBridgeConfiguration/>', '501 NotImplemented'],
      ['<QueueConfiguration/>', '501 NotImplemented'],
    ] as const) {
      expect(await put(bucket, inside), inside).toBe(code)
    }
    const named = { query: { notification: 'n' } }
    expect(await put(bucket, other({}), named)).toBe('400 InvalidArgument')
    expect(verdict(await server().request('PUT', `/${bucket}`, { query: { notification: undefined } }))).toBe(
      '400 InvalidArgument',
    )
    expect(await listed(bucket)).toEqual(['n'])
  })

  it('bounds how many there are, and how complex their patterns are together', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'many' })
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => notificationXml({ id: `i${n}`, arn })).join('')
    expect(await put(bucket, many(101))).toBe('400 InvalidArgument')
    expect(await put(bucket, many(99))).toBe('200')
    expect(await put(bucket, notificationXml({ id: 'a', arn }))).toBe('200')
    expect(await put(bucket, notificationXml({ id: 'b', arn }))).toBe('400 InvalidArgument')
    const other = await createBucket(server())
    const complex = keyFilter({ regex: `${'[a-z]'.repeat(150)}` })
    for (const id of ['a', 'b']) expect(await put(other, notificationXml({ id, arn, filter: complex }))).toBe('200')
    expect(await put(other, notificationXml({ id: 'c', arn, filter: complex }))).toBe('400 InvalidArgument')
    expect(await listed(other)).toEqual(['a', 'b'])
  })

  it('is for the bucket’s owner, and for topics that are his tenant’s or open to him', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const own = notificationXml({ id: 'n', arn: await makeTopic(server(), { name: 'own' }) })
    expect(await put(bucket, own, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(bucket, own, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(uniqueName('none'), own)).toBe('404 NoSuchBucket')
    expect(await put(bucket, own)).toBe('200')
    const theirs = notificationXml({ id: 'n', arn: await makeTopic(server(), { name: 'x', as: STRANGER.user }) })
    const alts = await createBucket(server(), { user: 'alt' })
    expect(await put(alts, theirs, { as: 'alt' })).toBe('403 AccessDenied')
    // That a topic need not be there opens none that is, and none that somebody else may still make.
    const unchecked = { as: 'alt', headers: { 'x-amz-skip-destination-validation': 'true' } }
    expect(await put(alts, theirs, unchecked)).toBe('403 AccessDenied')
    const later = (tenant: string) => notificationXml({ id: 'n', arn: `arn:aws:sns:default:${tenant}:later` })
    expect(await put(alts, later('elsewhere'), unchecked)).toBe('403 AccessDenied')
    expect(await put(alts, later(''), unchecked)).toBe('200')
    const Statement = { Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: '*' }
    await makeTopic(server(), { name: 'x', attributes: { Policy: JSON.stringify({ Statement }) }, as: STRANGER.user })
    expect(await put(alts, theirs, { as: 'alt' })).toBe('200')
  })
})

describe('PutBucketNotificationConfiguration in dialect zos', () => {
  const server = useServer()

  it('removes all by an empty configuration', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 't' })
    await putNotifications(server(), bucket, { inside: notificationXml({ id: 'n', arn }) })
    await putNotifications(server(), bucket, { inside: notificationXml({ id: 'm', arn }) })
    expect(ids((await getNotifications(server(), bucket)).text)).toEqual(['m', 'n'])
    expect(verdict(await putNotifications(server(), bucket, { inside: '' }))).toBe('200')
    expect(ids((await getNotifications(server(), bucket)).text)).toEqual([])
  })
})

describe('PutBucketNotificationConfiguration in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const put = async (bucket: string, inside: string, request = {}) =>
    verdict(await putNotifications(server(), bucket, { inside, ...request }))

  it('takes the place of all that was there, and makes up ids', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 't' })
    const configuration = (id: string) => ({
      TopicConfigurations: [{ Id: id, TopicArn: arn, Events: ['s3:ObjectCreated:Put' as const] }],
    })
    for (const id of ['a', 'b']) {
      const NotificationConfiguration = configuration(id)
      await server()
        .s3()
        .send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }))
    }
    expect(ids((await getNotifications(server(), bucket)).text)).toEqual(['b'])
    expect(await put(bucket, notificationXml({ arn }))).toBe('200')
    expect(ids((await getNotifications(server(), bucket)).text)).toEqual([expect.stringMatching(/^[\w+/=]{48}$/)])
    expect(await put(bucket, '')).toBe('200')
    expect(ids((await getNotifications(server(), bucket)).text)).toEqual([])
  })

  it('serves queues whose names are topics, and refuses what overlaps', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'queue' })
    const queue = (inside: string) =>
      `<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:123456789012:queue</Queue>${inside}</QueueConfiguration>`
    expect(await put(bucket, queue('<Event>s3:ObjectCreated:*</Event>'))).toBe('200')
    const overlapping = notificationXml({ arn, events: ['s3:ObjectCreated:Put'] })
    expect(await put(bucket, queue('<Event>s3:ObjectCreated:*</Event>') + overlapping)).toBe('400 InvalidArgument')
    const apart = (prefix: string, suffix: string) =>
      notificationXml({ arn, events: ['s3:ObjectCreated:*'], filter: keyFilter({ prefix, suffix }) })
    expect(await put(bucket, apart('a/', '.txt') + apart('a/b/', 't'))).toBe('400 InvalidArgument')
    expect(await put(bucket, apart('a/', '.txt') + apart('b/', '.txt') + apart('a/', '.jpg'))).toBe('200')
    const missing = notificationXml({ arn: 'arn:aws:sns:us-east-1:123456789012:later', events: ['s3:ObjectAcl:Put'] })
    expect(await put(bucket, missing)).toBe('400 InvalidArgument')
    const skips = { headers: { 'x-amz-skip-destination-validation': 'true' } }
    expect(await put(bucket, missing, skips)).toBe('200')
  })
})
