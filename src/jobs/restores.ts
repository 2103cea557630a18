import type { Services } from '../domain/services.ts'
import { attendRestores } from '../domain/storage-classes/restored.ts'
import type { RestoredVersion } from '../storage/metadata/rows.ts'
import type { Job, NextStep } from './job.ts'

/** Versions that one transaction sees to: some milliseconds, which a PUT may wait for the writer. */
const BATCH = 100
/** When it looks again at what could not be told because the queue of a topic was full. */
const FULL_QUEUE_MS = 60_000

/** Tells of restores that have come about, and cleans up behind those that are over. */
export function restores(services: Services): Job {
  return new Restores(services)
}

class Restores implements Job {
  readonly name = 'restores'
  readonly #services: Services
  /** The last one that was passed over because a topic's queue is full: others must not wait for that topic. */
  #passed: RestoredVersion | undefined

  constructor(services: Services) {
    this.#services = services
  }

  async step(signal: AbortSignal): Promise<NextStep> {
    const { metadata, clock } = this.#services
    for (;;) {
      const after = this.#passed
      // Look first: an idle server must not commit an empty transaction.
      const nextMs = await metadata.read((tx) => tx.restored.nextDueMs(after))
      if (nextMs === undefined || nextMs > clock.now() || signal.aborted) return this.#rest(nextMs)
      const { done, passed = after } = await attendRestores(this.#services, { limit: BATCH, after })
      this.#passed = passed
      // Where nothing can be done there is nothing to do: whoever waits for the job's rest does not wait for that.
      if (done > 0) return 'again'
    }
  }

  #rest(nextMs: number | undefined): NextStep {
    const again = this.#passed === undefined ? {} : { afterMs: FULL_QUEUE_MS }
    this.#passed = undefined
    if (nextMs !== undefined) return { at: nextMs, ...again }
    return again.afterMs === undefined ? 'idle' : { afterMs: again.afterMs }
  }
}
