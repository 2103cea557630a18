// A program that pushes one event, stays connected for a while, and then has nothing to do any more: it ends if nothing
// holds it.

import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { readEndpoint } from '../../src/topics/endpoint.ts'
import { testPool, topicEvent } from '../support/targets.ts'

const IDLE_MS = 1_000

const [url = '', topic = '', exchange = ''] = process.argv.slice(2)
const reading = readEndpoint({ 'push-endpoint': url, 'amqp-exchange': exchange })
if ('problem' in reading || reading.endpoint === undefined) throw new Error('no endpoint')
const pool = testPool({ idleMs: 2 * IDLE_MS })
await pool.push(reading.endpoint, topicEvent({ topic }))
const { loopCount } = performance.nodeTiming.uvMetricsInfo
await delay(IDLE_MS)
const wakeUps = performance.nodeTiming.uvMetricsInfo.loopCount - loopCount
process.stdout.write(JSON.stringify({ wakeUps, idleMs: IDLE_MS }))
