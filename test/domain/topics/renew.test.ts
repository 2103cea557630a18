import { afterEach, beforeEach, expect, it } from 'vitest'
import { rotateKeys, rotationState } from '../../../src/domain/encryption/rotation.ts'
import { openAttributes, sealAttributes } from '../../../src/domain/topics/attributes.ts'
import { renewTopics } from '../../../src/domain/topics/renew.ts'
import type { NextStep } from '../../../src/jobs/job.ts'
import { renewKeys, SETTLE_MS } from '../../../src/jobs/renew-keys.ts'
import { MovedClock, openServices, type TestServices } from '../../support/services.ts'

let services: TestServices
beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

const attributes = { 'push-endpoint': 'kafka://u:secret@h' }

async function putTopic(name: string): Promise<void> {
  const sealed = await sealAttributes(services.keyRing, { tenant: '', name }, attributes)
  const topic = { tenant: '', name, ownerId: 'o', ...sealed, createdMs: 0 }
  await services.metadata.write((tx) => tx.topics.put(topic))
}

const find = (name: string) => services.metadata.read((tx) => tx.topics.find({ tenant: '', name }))

it('topics are sealed with the newest key before the others are forgotten', async () => {
  for (let number = 0; number < 101; number += 1) await putTopic(`t${number}`)
  const realClock = new MovedClock()
  await rotateKeys(services, realClock.nowMs)
  await putTopic('later')
  const job = renewKeys(services, { realClock, onStuck: () => undefined })
  const run = async (): Promise<NextStep> => {
    const next = await job.step(new AbortController().signal)
    return next === 'again' ? await run() : next
  }
  expect(await run()).not.toBe('idle')
  realClock.nowMs += SETTLE_MS
  expect(await run()).toBe('idle')
  expect(await rotationState(services)).toBeUndefined()
  for (const name of ['t0', 't100', 'later']) {
    const topic = (await find(name))!
    expect(await services.keyRing.isCurrent(topic.sealedAttributes!)).toBe(true)
    expect(await openAttributes(services.keyRing, topic)).toEqual(attributes)
  }
})

it('one that does not open is told of, and stops no other', async () => {
  await putTopic('good')
  await putTopic('bad')
  const bad = (await find('bad'))!
  await services.metadata.write((tx) => tx.topics.put({ ...bad, sealedAttributes: Buffer.from('not sealed at all') }))
  await services.keyRing.rotate()
  const stuck: string[] = []
  expect(await renewTopics(services, ({ what }) => void stuck.push(what))).toEqual({ renewed: 1, stuck: 1 })
  expect(stuck).toEqual(['topic :bad'])
  expect(await services.keyRing.isCurrent((await find('good'))!.sealedAttributes!)).toBe(true)
})
