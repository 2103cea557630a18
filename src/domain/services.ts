import type { Clock } from '../lib/clock.ts'
import type { IdSource } from '../lib/ids.ts'
import type { ChunkStore } from '../storage/chunks/store.ts'
import type { MetadataStore } from '../storage/metadata/store.ts'
import type { Accounts } from './accounts.ts'
import type { ReadPins } from './bytes/pins.ts'
import type { Limits } from './limits.ts'

/** What the rules work with. Built once in server.ts and handed down; no module holds any of it. */
export interface Services {
  readonly metadata: MetadataStore
  readonly chunks: ChunkStore
  readonly pins: ReadPins
  readonly accounts: Accounts
  readonly clock: Clock
  readonly ids: IdSource
  readonly limits: Limits
  /** The region, which is also the zonegroup's name and the default location of buckets. */
  readonly region: string
}
