import type { EventRules } from './rules.ts'
import type { TellingDone } from './tell.ts'

/** Where events go once the change that they tell of is committed. */
export interface EventOutlet {
  /** How the provider tells of events. */
  readonly rules: EventRules
  /**
   * Takes the events of one transaction, right behind its commit: the order of the calls is the order in which events
   * of one key are pushed. Wakes the delivery job for those of persistent topics. Resolves when each of the others has
   * been pushed once, or given up, after a bounded time; never rejects.
   */
  told(events: readonly TellingDone[]): Promise<void>
}
