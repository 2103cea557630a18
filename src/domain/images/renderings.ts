import { type Clock, systemClock } from '../../lib/clock.ts'
import { SharedWork } from '../../lib/shared-work.ts'
import type { RenderingRef, RenderingRow, RenderingUse } from '../../storage/metadata/rendering-store.ts'
import type { Rendering } from './cache.ts'
import { HeldResults } from './held.ts'

/**
 * A rendering whose last use was noted within this time is not noted again: the order in which renderings go is as
 * coarse, and one that is asked for without pause costs one update in this time.
 */
export const USE_GRAIN_MS = 10 * 60 * 1000
/** Uses that wait in memory, some 200 bytes each. Beyond it they are forgotten: their renderings seem older. */
export const WAITING_USES_MAX = 10_000

export interface RenderingOptions {
  /** How many bytes may be kept on disk; 0 keeps none. */
  readonly cacheBytes: number
  /** Hears why a result could not be kept. Its request has got it all the same. */
  onNotKept(cause: unknown): void
  /**
   * The machine's own by default: how long ago a rendering was used has nothing to do with a domain's clock that is
   * moved.
   */
  readonly clock?: Clock
}

/**
 * What is known about renderings beside their rows: which are made at this moment, which are in memory, and which have
 * been used.
 */
export class Renderings {
  readonly cacheBytes: number
  readonly underWay = new SharedWork<Rendering>()
  readonly held = new HeldResults()
  readonly #options: RenderingOptions
  readonly #clock: Clock
  readonly #uses = new Map<string, RenderingUse>()

  constructor(options: RenderingOptions) {
    this.cacheBytes = options.cacheBytes
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** By the clock that uses are counted with. */
  now(): number {
    return this.#clock.now()
  }

  notKept(cause: unknown): void {
    this.#options.onNotKept(cause)
  }

  /** Remembers that it has been asked for, unless that was noted a moment ago. */
  noteUse({ sourceId, digest, usedMs }: RenderingRow): void {
    const nowMs = this.now()
    // A time to come was noted before the clock was set back.
    if (usedMs <= nowMs && nowMs - usedMs < USE_GRAIN_MS) return
    const name = nameOf({ sourceId, digest })
    if (this.#uses.size < WAITING_USES_MAX || this.#uses.has(name)) {
      this.#uses.set(name, { sourceId, digest, usedMs: nowMs })
    }
  }

  /** Uses that have not been stored yet; who cannot store them puts them back. */
  takeUses(limit: number): RenderingUse[] {
    const taken: RenderingUse[] = []
    for (const [name, use] of this.#uses) {
      if (taken.length === limit) break
      taken.push(use)
      this.#uses.delete(name)
    }
    return taken
  }

  putBack(uses: readonly RenderingUse[]): void {
    for (const use of uses) {
      const name = nameOf(use)
      if (this.#uses.size < WAITING_USES_MAX && !this.#uses.has(name)) this.#uses.set(name, use)
    }
  }
}

/** A rendering's name within the process. */
export function nameOf({ sourceId, digest }: RenderingRef): string {
  return `${sourceId} ${digest}`
}
