import { setTimeout as delay } from 'node:timers/promises'

/**
 * Milliseconds of the system's time between two looks. Behind the first event, others gather for so long: a look costs
 * a read and a transaction, however many they are.
 */
const GATHER_MS = 50

/** Spaces out the looks of a job that is woken for every event. */
export class Gathering {
  #lastMs = Number.NEGATIVE_INFINITY

  /** Resolves when the next look is due, which is now if the last one is long over; at once when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    const leftMs = this.#lastMs + GATHER_MS - performance.now()
    if (leftMs > 0) await delay(leftMs, undefined, { signal, ref: false }).catch(() => undefined)
    this.#lastMs = performance.now()
  }
}
