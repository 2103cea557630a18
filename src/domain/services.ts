import type { Clock } from '../lib/clock.ts'
import type { IdSource } from '../lib/ids.ts'
import type { Renderer } from '../renderer/renderer.ts'
import type { ChunkStores } from '../storage/chunks/store.ts'
import type { KeyRing } from '../storage/keys/key-ring.ts'
import type { MetadataStore } from '../storage/metadata/store.ts'
import type { PolicyCache } from './access/policy/cache.ts'
import type { Accounts } from './accounts.ts'
import type { ReadPins } from './bytes/pins.ts'
import type { Renderings } from './images/renderings.ts'
import type { Limits } from './limits.ts'
import type { KeyPatterns } from './notifications/key-pattern.ts'
import type { EventOutlet } from './notifications/outlet.ts'
import type { Records } from './recording/records.ts'

/** What the rules work with. Built once in server.ts and handed down; no module holds any of it. */
export interface Services {
  readonly metadata: MetadataStore
  readonly chunks: ChunkStores
  readonly pins: ReadPins
  readonly keyRing: KeyRing
  readonly accounts: Accounts
  /** Buckets' policies, read. */
  readonly policies: PolicyCache
  /** The regular expressions of notifications, compiled. */
  readonly keyPatterns: KeyPatterns
  /** Where events of changes go behind the commit. */
  readonly outlet: EventOutlet
  /** What processes pictures. */
  readonly renderer: Renderer
  /** The pictures that are rendered at this moment, and which of those that are kept have been used. */
  readonly renderings: Renderings
  /** What is noted about requests when they have ended. */
  readonly records: Records
  readonly clock: Clock
  readonly ids: IdSource
  readonly limits: Limits
  /** How long a day of lifecycle rules and restores is (config `lifecycle.dayMs`). */
  readonly dayMs: number
  /** How long a restore takes until the object can be read (config `restore.delayMs`). */
  readonly restoreDelayMs: number
  /** The region, which is also the zonegroup's name and the default location of buckets. */
  readonly region: string
}
