import { S3Error } from '../../errors.ts'
import { type KeyRing, KeyUnavailable, SealBroken } from '../../storage/keys/key-ring.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import { type Endpoint, readEndpoint } from '../../topics/endpoint.ts'
import { PushFailed } from '../../topics/topic.ts'
import { openAttributes } from '../topics/attributes.ts'

/** Topics whose endpoint is kept: some hundred bytes each. */
const KEPT_MAX = 1_000
/**
 * How long nobody asks the key ring again for an endpoint that it could not open, in milliseconds of the system's time:
 * a vault that does not answer must not be asked once for each event.
 */
const FAILURE_MS = 5_000

interface Kept {
  readonly revision: number
  readonly endpoint: Promise<Endpoint | undefined>
  /** Of the system's time; undefined unless it could not be opened. */
  failedAtMs?: number
}

/** The secrets of a topic's endpoint cannot be read: events for it wait until somebody has mended that. */
export class EndpointSealed extends PushFailed {
  constructor(cause: Error) {
    super('misconfigured', `the secrets of its endpoint cannot be opened: ${cause.message}`, { cause })
  }
}

/**
 * Topics' endpoints, read and opened once for each revision. The same object comes back each time: the pool of targets
 * knows endpoints by it.
 */
export class Endpoints {
  readonly #keyRing: KeyRing
  readonly #kept = new Map<number, Kept>()

  constructor(keyRing: KeyRing) {
    this.#keyRing = keyRing
  }

  /**
   * The endpoint of a topic, or of a newer revision of it that has been seen already; undefined where it has none.
   * @throws EndpointSealed; PushFailed `misconfigured` for what is no endpoint any more
   */
  open(topic: TopicRow): Promise<Endpoint | undefined> {
    const known = this.#kept.get(topic.id)
    const isStale = known?.failedAtMs !== undefined && performance.now() - known.failedAtMs >= FAILURE_MS
    if (known !== undefined && known.revision >= topic.revision && !isStale) return known.endpoint
    const kept: Kept = { revision: topic.revision, endpoint: this.#read(topic) }
    kept.endpoint.catch(() => {
      kept.failedAtMs = performance.now()
    })
    const [oldest] = this.#kept.size < KEPT_MAX ? [] : this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(topic.id, kept)
    return kept.endpoint
  }

  async #read(topic: TopicRow): Promise<Endpoint | undefined> {
    const reading = readEndpoint(await this.#attributes(topic))
    if ('endpoint' in reading) return reading.endpoint
    throw new PushFailed('misconfigured', `${reading.problem.attribute}: ${reading.problem.message}`)
  }

  async #attributes(topic: TopicRow): Promise<Readonly<Record<string, string>>> {
    try {
      return await openAttributes(this.#keyRing, topic)
    } catch (cause) {
      const isSealed = cause instanceof SealBroken || cause instanceof KeyUnavailable || cause instanceof S3Error
      throw isSealed ? new EndpointSealed(cause) : cause
    }
  }
}
