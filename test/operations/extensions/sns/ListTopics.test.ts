import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, STRANGER, sendAction, textOf } from '../../../support/sns.ts'

const names = (text: string) => [...text.matchAll(/<Name>(.*?)<\/Name>/g)].map(([, name]) => name)

describe('ListTopics', () => {
  const server = useServer({ users: [STRANGER.plain] })

  it('lists the topics of the tenant in the order of their names, in the bytes of the ZOS manual', async () => {
    const list = async (as: 'root' | 'alt' | typeof STRANGER.user = 'root') =>
      (await sendAction(server(), actionForm('ListTopics'), { as })).text.replace(/<RequestId>[^<]*/, '<RequestId>')
    expect(await list()).toBe(
      '<ListTopicsResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><ListTopicsResult><Topics></Topics>' +
        '</ListTopicsResult><ResponseMetadata><RequestId></RequestId></ResponseMetadata></ListTopicsResponse>',
    )
    for (const name of ['b', 'a']) await makeTopic(server(), { name, as: 'alt' })
    await makeTopic(server(), { name: 'c', as: STRANGER.user })
    const member = (name: string) =>
      `<member><User>alt</User><Name>${name}</Name><EndPoint><EndpointAddress></EndpointAddress>` +
      `<EndpointArgs>Version=2010-03-31</EndpointArgs><EndpointTopic>${name}</EndpointTopic></EndPoint>` +
      `<TopicArn>arn:aws:sns:default::${name}</TopicArn></member>`
    expect(await list()).toContain(`<Topics>${member('a')}${member('b')}</Topics></ListTopicsResult>`)
    expect(await list('alt')).toBe(await list())
    expect(names(await list(STRANGER.user))).toEqual(['c'])
    expect(verdict(await sendAction(server(), actionForm('ListTopics'), { as: 'anonymous' }))).toBe('403 AccessDenied')
  })

  it('lists all of them in one page in zos', async () => {
    for (let number = 0; number < 101; number += 1) await makeTopic(server(), { name: `many-${number}` })
    const answer = await sendAction(server(), actionForm('ListTopics'))
    expect(names(answer.text).length).toBeGreaterThan(100)
    expect(answer.text).not.toContain('NextToken')
  })
})

describe('ListTopics in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has pages of a hundred', async () => {
    for (let number = 100; number < 201; number += 1) await makeTopic(server(), { name: `t${number}` })
    const first = await sendAction(server(), actionForm('ListTopics'))
    expect(names(first.text)).toHaveLength(100)
    const token = textOf(first, 'NextToken') ?? ''
    const second = await sendAction(server(), actionForm('ListTopics', { NextToken: token }))
    expect(names(second.text)).toEqual(['t200'])
    expect(second.text).not.toContain('NextToken')
    const bad = await sendAction(server(), actionForm('ListTopics', { NextToken: '%' }))
    expect(verdict(bad)).toBe('400 InvalidParameter')
  })
})
