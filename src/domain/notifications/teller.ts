import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import type { EventCause, EventFacts, EventObject } from './match.ts'
import { type TellingDone, tellEvent } from './tell.ts'

export interface Told extends Pick<EventFacts, 'kind' | 'object' | 'restore'> {
  /** As the transaction has read it: its notifications are those of this moment. */
  readonly bucket: BucketRow
  /** Now, where it is left out. */
  readonly atMs?: number
}

/**
 * Tells of a change in the transaction that makes it.
 * @throws S3Error SlowDown when the queue of a persistent topic is full; nothing has been told then
 */
export type Tell = (told: Told) => Promise<void>

/** For changes that nobody is told of, because the bucket itself goes. */
export const untold: Tell = async () => undefined

/**
 * Makes changes of objects that events are told of, for one request, or for the server itself where there is no cause.
 */
export class Teller {
  readonly #services: Services
  readonly #cause: EventCause | undefined
  readonly #pushes: Promise<void>[] = []

  constructor(services: Services, cause?: EventCause) {
    this.#services = services
    this.#cause = cause
  }

  /** As MetadataStore.write. What is told goes out behind the commit; nobody waits for that here. */
  async write<T>(work: (tx: WriteTransaction, tell: Tell) => Promise<T>): Promise<T> {
    const { metadata, outlet } = this.#services
    let done: TellingDone[] = []
    const result = await metadata.write((tx) => {
      // It may run twice, and what the first run has told is not in the outbox then.
      done = []
      return work(tx, async (told) => void done.push(...(await this.#tell(tx, told))))
    })
    if (done.length > 0) this.#pushes.push(outlet.told(done))
    return result
  }

  /** Resolves when what the request is to push before its answer has been pushed, or given up. Never rejects. */
  async pushed(): Promise<void> {
    if (this.#pushes.length > 0) await Promise.all(this.#pushes)
  }

  async #tell(tx: WriteTransaction, { bucket, atMs, ...event }: Told): Promise<readonly TellingDone[]> {
    if (bucket.settings.notifications === undefined) return NOTHING
    const { clock, outlet } = this.#services
    const facts = { ...event, atMs: atMs ?? clock.now(), cause: this.#cause }
    return await tellEvent(tx, this.#services, { bucket, event: facts, rules: outlet.rules })
  }
}

const NOTHING: readonly TellingDone[] = Object.freeze([])

/** What an event tells of a version. */
export function eventObject({ versioning }: Pick<BucketRow, 'versioning'>, version: VersionRow): EventObject {
  const { key, sizeBytes, etag, versionId, attributes } = version
  const { metadata, tags } = attributes
  return { key, sizeBytes, etag, versionId: versioning === 'off' ? '' : versionId, metadata, tags }
}

/** What an event tells of a key without an object, or of a delete marker (recorded: http.delete_missing). */
export function nothingAt(key: string, versionId: string): EventObject {
  return { key, sizeBytes: 0, etag: '', versionId, metadata: {}, tags: [] }
}
