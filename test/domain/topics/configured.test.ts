import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret, type TopicConfig } from '../../../src/config/config.ts'
import type { PlainTopic } from '../../../src/config/defaults.ts'
import { ConfigError } from '../../../src/config/reader.ts'
import { openAttributes, type TopicAttributes } from '../../../src/domain/topics/attributes.ts'
import { storeConfiguredTopics } from '../../../src/domain/topics/configured.ts'
import type { TopicRules } from '../../../src/domain/topics/rules.ts'
import { openLocalKeyRing } from '../../../src/storage/keys/local.ts'
import { startTestServer } from '../../support/server.ts'
import { openServices, type TestServices } from '../../support/services.ts'
import { actionForm, makeTopic, STRANGER, sendAction, textOf } from '../../support/sns.ts'

/** AWS's, which are the strictest. */
const RULES: TopicRules = {
  missing: 'NotFound',
  invalid: 'InvalidParameter',
  plainNames: true,
  keepsUnknownAttributes: false,
  refusesSecretsInClear: true,
}
const SECRET = 'tell-nobody-0815'
const KAFKA = `kafka://user:${SECRET}@broker`

const topic = (name: string, attributes: Record<string, string> = {}, owner?: string): TopicConfig => ({
  name,
  owner,
  attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, new Secret(value)])),
})

describe('the topics of a config', () => {
  let services: TestServices
  beforeEach(async () => {
    services = await openServices()
  })
  afterEach(() => services.dispose())

  const store = (...topics: TopicConfig[]) => storeConfiguredTopics(services, { topics, rules: RULES, rootId: 'root' })
  const find = async (name: string) => (await services.metadata.read((tx) => tx.topics.find({ tenant: '', name })))!
  const attributesOf = async (name: string): Promise<TopicAttributes> =>
    await openAttributes(services.keyRing, await find(name))

  it('are made, with what is secret sealed, and not touched as long as they stay the same', async () => {
    const configured = [topic('t', { persistent: 'true', 'push-endpoint': KAFKA, OpaqueData: 'x' }), topic('bare')]
    await store(...configured)
    const [made, bare] = [await find('t'), await find('bare')]
    expect(made).toMatchObject({ ownerId: 'root', createdMs: services.clock.nowMs })
    expect(made.attributes['push-endpoint']).toBe('kafka://user:***@broker')
    expect(await attributesOf('t')).toEqual({ persistent: 'true', 'push-endpoint': KAFKA, OpaqueData: 'x' })
    services.clock.nowMs += 1000
    await store(...configured)
    expect([await find('t'), await find('bare')]).toEqual([made, bare])
  })

  it('are what the config says again, down to what it leaves out; others are left alone', async () => {
    await store(topic('t', { 'push-endpoint': KAFKA, OpaqueData: 'x' }), topic('other', { OpaqueData: 'y' }))
    const [before, other] = [await find('t'), await find('other')]
    await store(topic('t', { 'push-endpoint': `${KAFKA}:9093` }))
    const after = await find('t')
    expect(after).toMatchObject({ id: before.id, ownerId: before.ownerId, createdMs: before.createdMs })
    expect(after.revision).not.toBe(before.revision)
    expect(await attributesOf('t')).toEqual({ 'push-endpoint': `${KAFKA}:9093` })
    expect(await find('other')).toEqual(other)
    await store(topic('t', { 'push-endpoint': `kafka://user:other-${SECRET}@broker:9093` }))
    expect((await find('t')).revision).not.toBe(after.revision)
  })

  it('keep nothing that waits once they are not persistent', async () => {
    await store(topic('t', { 'push-endpoint': KAFKA, persistent: 'true' }))
    const { id: topicId } = await find('t')
    const event = { topicId, bucketId: 1, key: 'k', document: '{}', createdMs: 0 }
    await services.metadata.write((tx) => tx.outbox.add([event]))
    await store(topic('t', { 'push-endpoint': KAFKA, persistent: 'true', OpaqueData: 'x' }))
    expect((await services.metadata.read((tx) => tx.outbox.total(topicId))).events).toBe(1)
    await store(topic('t', { 'push-endpoint': KAFKA }))
    expect((await services.metadata.read((tx) => tx.outbox.total(topicId))).events).toBe(0)
  })

  it('are sealed anew where the key ring is another one', async () => {
    await store(topic('t', { 'push-endpoint': KAFKA }))
    const moved = { ...services, keyRing: openLocalKeyRing({ dir: join(services.dir, 'chunks') }) }
    await storeConfiguredTopics(moved, { topics: [topic('t', { 'push-endpoint': KAFKA })], rules: RULES, rootId: 'r' })
    expect(await openAttributes(moved.keyRing, await find('t'))).toEqual({ 'push-endpoint': KAFKA })
  })

  it.each<[TopicConfig, string]>([
    [topic('a b'), 'topics.create[1].name: Invalid value for Name'],
    [
      topic('t', { 'push-endpoint': `ftp://u:${SECRET}@h` }),
      'topics.create[1].attributes.push-endpoint: Invalid value for push-endpoint: expected one of ' +
        "http, https, amqp, amqps, kafka, inbox as the URL's scheme",
    ],
    [
      topic('t', { 'push-endpoint': `kafka://u:${SECRET}@h:0` }),
      'topics.create[1].attributes.push-endpoint: Invalid value for push-endpoint: Malformed URL for push-endpoint',
    ],
    [
      topic('t', { 'push-endpoint': `amqp://u:${SECRET}@h` }),
      'topics.create[1].attributes.amqp-exchange: Invalid value for amqp-exchange: an AMQP endpoint needs it',
    ],
    [
      topic('t', { time_to_live: 'soon' }),
      'topics.create[1].attributes.time_to_live: Invalid value for time_to_live: expected a whole number of at least 0',
    ],
    [
      topic('t', { pasword: SECRET }),
      'topics.create[1].attributes: The attribute pasword of a topic is not implemented',
    ],
    [topic('t', { Policy: '{}' }), 'topics.create[1].attributes.Policy: The policy has no Statement'],
  ])('are refused as by CreateTopic, before any is made: %#', async (wrong, problem) => {
    const refused = await store(topic('sound'), wrong).catch((cause: unknown) => cause)
    expect(refused).toBeInstanceOf(ConfigError)
    expect((refused as ConfigError).problems).toEqual([problem])
    expect(String(refused)).not.toContain(SECRET)
    expect(await find('sound')).toBeUndefined()
  })
})

describe('a server', () => {
  it('has them from its start on, in the tenants of their owners, and tells nobody what is secret', async () => {
    const create: PlainTopic[] = [
      { name: 'ours', attributes: { 'push-endpoint': KAFKA, persistent: true } },
      { name: 'theirs', owner: STRANGER.user.id, attributes: { 'push-endpoint': 'inbox://theirs' } },
    ]
    const server = await startTestServer({ config: { dialect: 'rgw', topics: { create } }, users: [STRANGER.plain] })
    try {
      const list = async (as: 'root' | typeof STRANGER.user) =>
        (await sendAction(server, actionForm('ListTopics'), { as })).text
      await makeTopic(server, { name: 'made', attributes: { OpaqueData: 'x' } })
      expect(await list('root')).toMatch(/:made<.*:ours</s)
      expect(await list('root')).not.toMatch(/theirs/)
      expect(await list(STRANGER.user)).toMatch(/arn:aws:sns:default:elsewhere:theirs</)
      const arn = 'arn:aws:sns:default:elsewhere:theirs'
      const change = { TopicArn: arn, AttributeName: 'OpaqueData', AttributeValue: 'changed' }
      const as = STRANGER.user
      await sendAction(server, actionForm('SetTopicAttributes', change), { as })
      const opaqueData = async () =>
        textOf(await sendAction(server, actionForm('GetTopic', { TopicArn: arn }), { as }), 'OpaqueData')
      expect(await opaqueData()).toBe('changed')
      await server.restart()
      expect(await opaqueData()).not.toBe('changed')
      expect(await list('root')).toContain(':made<')
      expect(server.logLines.join('')).not.toContain(SECRET)
      await server.running.close()
      for (const file of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
        if (file.isFile()) expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain(SECRET)
      }
    } finally {
      await server.stop()
    }
  })

  it('does not start with one that cannot be', async () => {
    const create = [{ name: 't', attributes: { 'push-endpoint': `gopher://u:${SECRET}@h` } }]
    const started = startTestServer({ config: { topics: { create } } })
    await expect(started).rejects.toThrow(/^topics\.create\[0\]\.attributes\.push-endpoint: /)
  })
})
