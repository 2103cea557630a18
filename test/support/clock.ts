import type { Clock } from '../../src/lib/clock.ts'

/** The real time, never the same twice: for tests of an order in which equal times would fall back to random ids. */
export function risingClock(): Clock {
  let last = 0
  return {
    now() {
      last = Math.max(last + 1, Date.now())
      return last
    },
  }
}
