import { type MetadataStore, UncertainCommit } from '../../storage/metadata/store.ts'
import { AccessLog } from './access-log.ts'
import { UsageMeter } from './usage-meter.ts'

/** Rows of one transaction: small enough that a PUT never waits long for the writer. */
export const STORE_BATCH_ROWS = 500

/**
 * What is noted about requests when they have ended. It is kept in memory and stored some seconds later, many together:
 * a request must not wait for what is written about it, and a server that dies loses no more than those seconds.
 */
export class Records {
  readonly log = new AccessLog()
  readonly usage = new UsageMeter()
  #storing: Promise<unknown> = Promise.resolve()

  get isEmpty(): boolean {
    return this.log.size === 0 && this.usage.size === 0
  }

  /** Resolves when everything noted until now is stored, whoever began to store it. What fails is kept for the next. */
  store(metadata: Pick<MetadataStore, 'write'>): Promise<void> {
    const stored = this.#storing.then(() => this.#store(metadata))
    this.#storing = stored.catch(() => undefined)
    return stored
  }

  async #store(metadata: Pick<MetadataStore, 'write'>): Promise<void> {
    // What comes in meanwhile waits for the next time: a busy server would keep this going for ever.
    const batches = Math.ceil(Math.max(this.log.size, this.usage.size) / STORE_BATCH_ROWS)
    for (let batch = 0; batch < batches; batch += 1) {
      const lines = this.log.take(STORE_BATCH_ROWS)
      const rows = this.usage.take(STORE_BATCH_ROWS)
      try {
        await metadata.write(async (tx) => {
          if (lines.length > 0) await tx.logRecords.add(lines)
          if (rows.length > 0) await tx.usage.add(rows)
        })
      } catch (cause) {
        // An uncertain commit shows its rows: storing them again would count everything twice.
        if (!(cause instanceof UncertainCommit)) {
          this.log.putBack(lines)
          this.usage.putBack(rows)
        }
        throw cause
      }
    }
  }
}
