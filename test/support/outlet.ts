import type { EventOutlet } from '../../src/domain/notifications/outlet.ts'
import type { TellingDone } from '../../src/domain/notifications/tell.ts'
import { dialectOf } from './head.ts'

/** An outlet that keeps what it is told, and pushes nothing. */
export class KeptOutlet implements EventOutlet {
  readonly rules = dialectOf('rgw').events
  readonly kept: TellingDone[] = []

  async told(events: readonly TellingDone[]): Promise<void> {
    this.kept.push(...events)
  }
}
