import { describe, expect, it } from 'vitest'
import {
  endpointRestMs,
  fateAfter,
  fateOf,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
} from '../../../src/domain/notifications/retry.ts'
import type { Delivery } from '../../../src/topics/delivery.ts'

const PLAIN: Delivery = { persistent: true, timeToLiveS: undefined, maxRetries: undefined, retrySleepS: undefined }
const NOW = 1_000_000_000

describe('fateOf', () => {
  it.each([
    ['a new one', {}, {}, 'push'],
    ['one that is due', { tries: 1, notBeforeMs: NOW }, {}, 'push'],
    ['one that rests', { tries: 1, notBeforeMs: NOW + 1 }, {}, { waitUntilMs: NOW + 1 }],
    ['a new one of a time to come', { createdMs: NOW + 5, notBeforeMs: NOW + 5 }, {}, 'push'],
    ['one that a request is to push', { notBeforeMs: NOW + 5 }, { persistent: false }, { waitUntilMs: NOW + 5 }],
    ['one of before the clock was set back', { tries: 3, notBeforeMs: NOW + 3_600_000 }, {}, 'push'],
    ['a long rest', { tries: 3, notBeforeMs: NOW + 3e6 }, { retrySleepS: 3600 }, { waitUntilMs: NOW + 3e6 }],
    ['one that is too old', { createdMs: NOW - 60_000 }, { timeToLiveS: 60 }, { drop: 'expired' }],
    ['one that is old', { createdMs: NOW - 59_999 }, { timeToLiveS: 60 }, 'push'],
    ['an old one for ever', { createdMs: 0 }, { timeToLiveS: 0 }, 'push'],
    [
      'one that expires while it rests',
      { tries: 1, createdMs: NOW - 59_000, notBeforeMs: NOW + 30_000 },
      { timeToLiveS: 60 },
      { waitUntilMs: NOW + 1_000 },
    ],
    ['an old one that nobody keeps', { createdMs: 0 }, { persistent: false, timeToLiveS: 60 }, 'push'],
  ] as const)('%s', (_name, event, delivery, fate) => {
    const row = { createdMs: NOW, notBeforeMs: NOW, tries: 0, ...event }
    expect(fateOf(row, { ...PLAIN, ...delivery }, NOW)).toEqual(fate)
  })
})

describe('fateAfter', () => {
  it.each([
    [0, {}, { waitUntilMs: NOW + RETRY_MS_MIN }],
    [1, {}, { waitUntilMs: NOW + 2 * RETRY_MS_MIN }],
    [4, {}, { waitUntilMs: NOW + 16 * RETRY_MS_MIN }],
    [5, {}, { waitUntilMs: NOW + RETRY_MS_MAX }],
    [5_000, {}, { waitUntilMs: NOW + RETRY_MS_MAX }],
    [3, { retrySleepS: 0 }, { waitUntilMs: NOW + RETRY_MS_MIN }],
    [3, { retrySleepS: 90 }, { waitUntilMs: NOW + 90_000 }],
    [0, { maxRetries: 1 }, { waitUntilMs: NOW + RETRY_MS_MIN }],
    [1, { maxRetries: 1 }, { drop: 'retries' }],
    [99, { maxRetries: 0 }, { waitUntilMs: NOW + RETRY_MS_MAX }],
    [0, { persistent: false }, { drop: 'not-kept' }],
  ] as const)('%i tries in vain before, %o', (tries, delivery, fate) => {
    expect(fateAfter({ retryable: true }, { tries }, { delivery: { ...PLAIN, ...delivery }, nowMs: NOW })).toEqual(fate)
  })

  it('what can never succeed', () => {
    const fate = fateAfter({ retryable: false }, { tries: 0 }, { delivery: PLAIN, nowMs: NOW })
    expect(fate).toEqual({ drop: 'unacceptable' })
  })
})

it.each([
  [0, undefined, RETRY_MS_MIN],
  [2, undefined, 4 * RETRY_MS_MIN],
  [50, undefined, RETRY_MS_MAX],
  [5, 0, RETRY_MS_MIN],
  [5, 7, 7_000],
  [0, 4_294_967_294, RETRY_MS_MAX],
])('an endpoint that was asked %i times before, at most every %d s, rests for %d ms', (rounds, retrySleepS, restMs) => {
  expect(endpointRestMs(rounds, { retrySleepS })).toBe(restMs)
})
