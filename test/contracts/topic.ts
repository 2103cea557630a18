import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Endpoint } from '../../src/topics/endpoint.ts'
import type { Engines, PoolLimits } from '../../src/topics/pool.ts'
import { TargetPool } from '../../src/topics/pool.ts'
import { failureOf, topicEvent } from '../support/targets.ts'

/** A place that events can be pushed to. */
export interface OpenedTopic {
  readonly endpoint: Endpoint
  /** The topic's name, of which this is the only user. */
  readonly topic: string
  readonly engines: Engines
  /** What has arrived, in its order, once there are so many. */
  received(count: number): Promise<readonly string[]>
  dispose(): Promise<void>
}

export interface TopicEngine {
  readonly name: string
  open(): Promise<OpenedTopic>
}

/** What every engine behind the topic port does, seen through the pool. */
export function topicContract({ name, open }: TopicEngine): void {
  describe(`topic contract: ${name}`, () => {
    let opened: OpenedTopic
    const pools: TargetPool[] = []

    beforeEach(async () => {
      opened = await open()
    })

    afterEach(async () => {
      await Promise.all(pools.splice(0).map((pool) => pool.close()))
      await opened.dispose()
    })

    function poolOf(limits?: Partial<PoolLimits>): TargetPool {
      const pool = new TargetPool({ engines: opened.engines, limits: { timeoutMs: 20_000, ...limits } })
      pools.push(pool)
      return pool
    }

    it('delivers the document byte for byte', async () => {
      const { topic, endpoint } = opened
      const sent = [
        topicEvent({ topic, key: 'dir/sp ace+中&<"x\u{1f600}' }),
        topicEvent({ topic, mark: 'x'.repeat(200_000) }),
      ]
      const pool = poolOf()
      for (const event of sent) await pool.push(endpoint, event)
      expect((await opened.received(2)).toSorted()).toEqual(sent.map(({ document }) => String(document)).toSorted())
    })

    it('keeps the order of each key when all are pushed at once', async () => {
      const { topic, endpoint } = opened
      const keys = ['a', 'b', 'c', 'd']
      const events = Array.from({ length: 80 }, (_, mark) => topicEvent({ topic, key: keys[mark % 4], mark }))
      const pool = poolOf()
      await Promise.all(events.map((event) => pool.push(endpoint, event)))
      const arrived = (await opened.received(80)).map((document) => JSON.parse(document).Records[0])
      for (const key of keys) {
        const marks = arrived.filter(({ s3 }) => s3.object.key === key).map(({ mark }) => mark)
        expect(marks).toEqual(marks.toSorted((a: number, b: number) => a - b))
        expect(marks).toHaveLength(20)
      }
    })

    it('leaves an idle endpoint, and comes back to it', async () => {
      const { topic, endpoint } = opened
      const pool = poolOf({ idleMs: 50 })
      await pool.push(endpoint, topicEvent({ topic, mark: 'before' }))
      expect(pool.stats()).toMatchObject({ inFlight: 0, inFlightBytes: 0 })
      await vi.waitFor(() => expect(pool.stats().targets).toBe(0), { timeout: 20_000 })
      await pool.push(endpoint, topicEvent({ topic, mark: 'after' }))
      expect(await opened.received(2)).toHaveLength(2)
    })

    it('calls a push off when its signal aborts, and serves the next one', async () => {
      const { topic, endpoint } = opened
      const pool = poolOf()
      const off = await failureOf(pool.push(endpoint, topicEvent({ topic, mark: 1 }), { signal: AbortSignal.abort() }))
      expect(off).toMatchObject({ reason: 'stopping', retryable: true })
      const event = topicEvent({ topic, mark: 2 })
      await pool.push(endpoint, event, { signal: new AbortController().signal })
      expect(await opened.received(1)).toEqual([String(event.document)])
    })

    it('takes nothing any more once it is closed', async () => {
      const { topic, endpoint } = opened
      const pool = poolOf()
      await pool.push(endpoint, topicEvent({ topic, mark: 'last' }))
      await pool.close()
      expect((await failureOf(pool.push(endpoint, topicEvent({ topic })))).reason).toBe('stopping')
      await pool.close()
      expect(await opened.received(1)).toHaveLength(1)
      expect(pool.stats()).toEqual({ targets: 0, inFlight: 0, inFlightBytes: 0 })
    })
  })
}
