import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SERVED } from '../../src/operations/served.ts'
import { SNS_BINDINGS, type SnsOperationName } from '../../src/s3/sns/bindings.ts'
import { verdict } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { actionForm, makeTopic, sendAction } from '../support/sns.ts'

describe('actions', () => {
  const server = useServer({ config: { logLevel: 'trace' } })

  it('that are not served are refused by their names', async () => {
    const unserved = (Object.keys(SNS_BINDINGS) as SnsOperationName[]).filter((name) => !SERVED.has(name))
    expect(unserved).toContain('Publish')
    for (const name of unserved) {
      const answer = await sendAction(server(), actionForm(name, { TopicArn: 'arn:aws:sns:default::t' }))
      expect(verdict(answer), name).toBe('501 NotImplemented')
      expect(answer.text).toContain(`${name} is not implemented`)
    }
  })

  it('that are none are a method that the service does not have', async () => {
    expect(verdict(await sendAction(server(), 'Version=2010-03-31'))).toBe('405 MethodNotAllowed')
    expect(verdict(await sendAction(server(), actionForm('Frobnicate')))).toBe('405 MethodNotAllowed')
    expect(verdict(await server().request('POST', '/'))).toBe('405 MethodNotAllowed')
    expect(verdict(await server().request('POST', '/', { as: 'anonymous' }))).toBe('405 MethodNotAllowed')
    // A GET with an action in its query is no action.
    const query = { Action: 'ListTopics' }
    expect((await server().request('GET', '/', { query })).text).toContain('<ListAllMyBucketsResult')
  })

  it('leave no password in the data directory and in the log', async () => {
    const secrets = ['first-password-of-a-broker', 'second-password-of-a-broker', 'third%2Fpassword-of-a-broker']
    const [first = '', second = '', third = ''] = secrets
    const attributes = { 'push-endpoint': `amqp://u:${first}@h`, 'amqp-exchange': 'e', password: second }
    const arn = await makeTopic(server(), { name: 'secrets', attributes })
    const change = { TopicArn: arn, AttributeName: 'push-endpoint', AttributeValue: `kafka://u:${third}@h` }
    expect(verdict(await sendAction(server(), actionForm('SetTopicAttributes', change)))).toBe('200')
    const inQuery = { Action: 'CreateTopic', Name: 'bad', 'Attributes.entry.1.key': 'password' }
    const query = { ...inQuery, 'Attributes.entry.1.value': second, 'Attributes.entry.2.key': '' }
    expect(verdict(await server().request('POST', '/', { query }))).toBe('400 InvalidArgument')
    await server().restart()
    const entries = await readdir(server().dataDir, { recursive: true, withFileTypes: true })
    const files = await Promise.all(
      entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
    )
    // What is looked for could be found: the rest of the address stands there.
    expect(files.some((bytes) => bytes.includes('kafka://u:***@h'))).toBe(true)
    expect(secrets.filter((secret) => files.some((bytes) => bytes.includes(secret)))).toEqual([])
    const log = server().logLines.join('')
    expect(log).toContain('"operation":"SetTopicAttributes"')
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  })
})
