import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { getNotifications, keyFilter, notificationXml, putNotifications } from '../support/notifications.ts'
import { uniqueName, useServer } from '../support/server.ts'
import { makeTopic } from '../support/sns.ts'

describe('GetBucketNotificationConfiguration', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('answers all, or those of an id, as RGW does', async () => {
    const bucket = await createBucket(server())
    const empty = '<NotificationConfiguration></NotificationConfiguration>'
    expect((await getNotifications(server(), bucket)).text).toBe(empty)
    const arn = await makeTopic(server(), { name: 't' })
    const one = { id: 'one', arn, events: ['s3:ObjectRemoved:*'] }
    const two = { id: 'two', arn, events: ['OBJECT_CREATE'], filter: keyFilter({ suffix: '.x', prefix: 'a' }) }
    await putNotifications(server(), bucket, { inside: notificationXml(two) + notificationXml(one) })
    const answer = await getNotifications(server(), bucket)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    const printed =
      `<TopicConfiguration><Id>two</Id><Topic>${arn}</Topic>${keyFilter({ prefix: 'a', suffix: '.x' })}` +
      '<Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>'
    expect(answer.text).toBe(`<NotificationConfiguration>${notificationXml(one)}${printed}`)
    for (const query of [{ notification: 'two' }, { notification: undefined, 'notification-id': 'two' }]) {
      const named = await getNotifications(server(), bucket, { query })
      expect(named.text).toBe(`<NotificationConfiguration>${printed}`)
    }
    expect(verdict(await getNotifications(server(), bucket, { query: { notification: 'nope' } }))).toBe('404 NoSuchKey')
  })

  it('is read by the SDK, and stays over a restart', async () => {
    const bucket = await createBucket(server())
    const arn = await makeTopic(server(), { name: 'sdk' })
    await putNotifications(server(), bucket, {
      inside: notificationXml({ id: 'i', arn, filter: keyFilter({ prefix: 'p' }) }),
    })
    const read = async () =>
      (
        await server()
          .s3()
          .send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }))
      ).TopicConfigurations
    const expected = [
      {
        Id: 'i',
        TopicArn: arn,
        Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'p' }] } },
      },
    ]
    expect(await read()).toEqual(expected)
    await server().restart()
    expect(await read()).toEqual(expected)
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await getNotifications(server(), bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await getNotifications(server(), bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await getNotifications(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await getNotifications(server(), bucket))).toBe('200')
  })
})
