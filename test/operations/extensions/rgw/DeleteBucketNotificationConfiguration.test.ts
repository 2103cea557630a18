import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../../../support/buckets.ts'
import { getNotifications, notificationXml, putNotifications } from '../../../support/notifications.ts'
import { uniqueName, useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, sendAction } from '../../../support/sns.ts'

describe('DeleteBucketNotificationConfiguration', () => {
  const server = useServer({ config: { dialect: 'rgw' } })
  const remove = (bucket: string, request = {}) =>
    server().request('DELETE', `/${bucket}`, { query: { notification: undefined }, ...request })
  const ids = async (bucket: string) =>
    [...(await getNotifications(server(), bucket)).text.matchAll(/<Id>(.*?)<\/Id>/g)].map(([, id]) => id)

  it('removes those of an id, or all; that there is none is no error', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 't' })
    const all = ['a', 'b', 'c', 'd'].map((id) => notificationXml({ id, arn })).join('')
    await putNotifications(server(), bucket, { inside: all })
    expect(await remove(bucket, { query: { notification: 'a' } })).toMatchObject({ status: 200, text: '' })
    expect(verdict(await remove(bucket, { query: { notification: 'a' } }))).toBe('200')
    expect(verdict(await remove(bucket, { query: { notification: undefined, 'notification-id': 'b' } }))).toBe('200')
    expect(await ids(bucket)).toEqual(['c', 'd'])
    expect(verdict(await remove(bucket))).toBe('200')
    expect(await ids(bucket)).toEqual([])
    expect(verdict(await remove(bucket))).toBe('200')
    // The bucket is still there.
    expect(verdict(await server().request('HEAD', `/${bucket}`))).toBe('200')
  })

  it('is not what deleting their topic does', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'gone' })
    await putNotifications(server(), bucket, { inside: notificationXml({ id: 'a', arn }) })
    await sendAction(server(), actionForm('DeleteTopic', { TopicArn: arn }))
    expect(await ids(bucket)).toEqual(['a'])
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(verdict(await remove(bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await remove(bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await remove(uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await remove(bucket))).toBe('200')
  })
})
