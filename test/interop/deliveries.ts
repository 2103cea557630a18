// Pushes as the delivery of persistent topics does: again and again, until the broker has acknowledged the event.

import { setTimeout as delay } from 'node:timers/promises'
import type { Endpoint } from '../../src/topics/endpoint.ts'
import type { TargetPool } from '../../src/topics/pool.ts'
import { PushFailed } from '../../src/topics/topic.ts'
import { topicEvent } from '../support/targets.ts'

const RETRY_MS = 50

export interface Stream {
  /** Marks of the events that have been acknowledged so far. */
  readonly acknowledged: readonly number[]
  /** How often a push has failed. */
  readonly failures: number
  /** Begins no further event and resolves when those that were begun are acknowledged. */
  finish(): Promise<void>
}

export interface StreamParts {
  readonly pool: TargetPool
  readonly endpoint: Endpoint
  readonly topic: string
}

/** Events of a few keys, one after another for each key, until they are told to finish. */
export function startStream({ pool, endpoint, topic }: StreamParts): Stream {
  const acknowledged: number[] = []
  let failures = 0
  let marks = 0
  let isFinishing = false
  const lane = async (key: string): Promise<void> => {
    while (!isFinishing) {
      marks += 1
      const mark = marks
      for (let isTaken = false; !isTaken; ) {
        isTaken = await pool.push(endpoint, topicEvent({ topic, key, mark })).then(
          () => true,
          (cause: unknown) => {
            if (!(cause instanceof PushFailed && cause.retryable)) throw cause
            failures += 1
            return false
          },
        )
        if (!isTaken) await delay(RETRY_MS)
      }
      acknowledged.push(mark)
    }
  }
  const running = Promise.all(['a', 'b', 'c', 'd'].map(lane))
  // It is reported by finish().
  running.catch(() => undefined)
  return {
    acknowledged,
    get failures() {
      return failures
    },
    finish: async () => {
      isFinishing = true
      await running
    },
  }
}

/** What a lot of pushes at once come to: how many were acknowledged, and how many failed for which reason. */
export async function outcomes(pushes: readonly Promise<void>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const outcome of await Promise.allSettled(pushes)) {
    const word = outcome.status === 'fulfilled' ? 'acknowledged' : outcome.reason.reason
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
}
