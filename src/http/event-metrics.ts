import type { EventCounts } from '../domain/notifications/event-counts.ts'
import type { MetadataStore } from '../storage/metadata/store.ts'
import type { TargetPool } from '../topics/pool.ts'
import type { Family, Sample } from './prometheus.ts'

/** What tells of events. */
export interface EventSources {
  readonly counts: EventCounts
  readonly pool: Pick<TargetPool, 'stats'>
}

/**
 * What has become of events, and what waits. No topic is named: there may be thousands, and their names are their
 * tenants' business.
 */
export async function eventFamilies({ counts, pool }: EventSources, metadata: MetadataStore): Promise<Family[]> {
  // One row for each topic that something waits for.
  const totals = await metadata.read((tx) => tx.outbox.totals())
  const waiting = totals.reduce((sum, { events }) => sum + events, 0)
  const waitingBytes = totals.reduce((sum, { bytes }) => sum + bytes, 0)
  const { targets, inFlight, inFlightBytes } = pool.stats()
  const { told, delivered, failed, dropped } = counts
  return [
    counter('cozos_events_told_total', 'Events by who is to push them.', samplesOf('by', Object.entries(told))),
    counter('cozos_events_delivered_total', 'Acknowledged events.', samplesOf('by', Object.entries(delivered))),
    counter('cozos_event_push_failures_total', 'Failed pushes; one event may have many.', samplesOf('reason', failed)),
    counter('cozos_events_dropped_total', 'Events that will not be delivered.', samplesOf('reason', dropped)),
    gauge('cozos_events_waiting', 'Events in the outbox.', waiting),
    gauge('cozos_events_waiting_bytes', 'Bytes of their documents.', waitingBytes),
    gauge('cozos_event_targets', 'Endpoints that are open.', targets),
    gauge('cozos_event_pushes_in_flight', 'Pushes that nobody has acknowledged yet.', inFlight),
    gauge('cozos_event_pushes_in_flight_bytes', 'Bytes of their documents.', inFlightBytes),
  ]
}

function samplesOf(label: string, values: Iterable<readonly [name: string, value: number]>): Sample[] {
  return [...values].map(([name, value]) => ({ labels: { [label]: name }, value }))
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples }
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ value }] }
}
