import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, STRANGER, sendAction } from '../../../support/sns.ts'

describe('DeleteTopic', () => {
  const server = useServer({ users: [STRANGER.plain] })
  const remove = (arn: string, request = {}) =>
    sendAction(server(), actionForm('DeleteTopic', { TopicArn: arn }), request)

  it('deletes a topic, whether it is there or not', async () => {
    const arn = await makeTopic(server(), { name: 'a' })
    const answer = await remove(arn)
    expect(answer.text.replace(/<RequestId>[^<]*/, '<RequestId>')).toBe(
      '<DeleteTopicResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><ResponseMetadata><RequestId>' +
        '</RequestId></ResponseMetadata></DeleteTopicResponse>',
    )
    expect(verdict(await remove(arn))).toBe('200')
    expect(verdict(await sendAction(server(), actionForm('GetTopic', { TopicArn: arn })))).toBe('404 NoSuchKey')
  })

  it('refuses what is no ARN', async () => {
    expect(verdict(await remove('garbage'))).toBe('400 InvalidArgument')
    expect(verdict(await sendAction(server(), actionForm('DeleteTopic')))).toBe('400 InvalidArgument')
  })

  it('is for the tenant', async () => {
    const arn = await makeTopic(server(), { name: 'theirs', as: STRANGER.user })
    expect(verdict(await remove(arn, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await remove(arn, { as: 'anonymous' }))).toBe('403 AccessDenied')
    const own = await makeTopic(server(), { name: 'ours' })
    expect(verdict(await remove(own, { as: 'alt' }))).toBe('200')
    expect(verdict(await remove(arn, { as: STRANGER.user }))).toBe('200')
  })
})
