// Events, and who hears of them. A write path tells of a change in the transaction that makes it, once its rows are
// written:
//
//   const told = await tellEvent(tx, services, { bucket, event: { kind: 'created:put', … }, rules })
//
// `bucket` is the row that the transaction has read, and with it the settings that are in force at that moment. What
// comes back are the outbox rows of this change: the caller hands them out of the transaction (which may run twice) and
// deals with them behind the commit. Rows of persistent topics are the delivery job's, which is to be woken. Each of
// the others is pushed once by the request itself, before its answer, and then removed from the outbox, whether the
// push succeeded or not; should the process end before that, the job finds the row when its notBeforeMs has come.
//
// A batch (DeleteObjects) tells an event for each key; the order of the calls is the order of the sequencers. Where a
// bucket has no notifications, none of this costs anything.

import type { Tag } from '../../storage/metadata/rows.ts'
import type { Notification, NotificationFilter } from '../../storage/metadata/settings.ts'
import { type EventKind, heardAs } from './events.ts'
import type { KeyPatterns } from './key-pattern.ts'

/** What happened to an object. */
export interface EventFacts {
  readonly kind: EventKind
  /** When: of what was created its LastModified, else now. */
  readonly atMs: number
  readonly object: EventObject
  /** The request that did it; undefined for what the server does by itself, such as a lifecycle rule. */
  readonly cause: EventCause | undefined
  /** Of a restore that has ended or was completed: until when, and from which class. */
  readonly restore?: { readonly untilMs: number; readonly storageClass: string }
}

/**
 * The object as it is after the change, or as it was before it was removed. Of a delete marker that was made: size,
 * ETag, metadata and tags are those of the object that it hides, the version is the marker's (recorded:
 * http.delete_makes_marker). Of a key that was not there, and of a delete marker that was removed: 0 and empty
 * (recorded: http.delete_missing, http.delete_marker_removed). Of an append: the size and ETag of the piece (recorded:
 * http.append_2).
 */
export interface EventObject {
  readonly key: string
  readonly sizeBytes: number
  /** Without quotes. */
  readonly etag: string
  /** Empty in a bucket that has never kept versions. */
  readonly versionId: string
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
}

export interface EventCause {
  /** The account's id, or `anonymous`. */
  readonly requesterId: string
  readonly clientAddress: string
  /** As x-amz-request-id tells it. */
  readonly requestId: string
}

export interface HeardEvent {
  readonly notification: Notification
  /** Without `s3:`. */
  readonly eventName: string
}

/** The notifications that want this event. One event may go out several times, also to the same topic. */
export function matchEvents(
  notifications: readonly Notification[] | undefined,
  { kind, object }: Pick<EventFacts, 'kind' | 'object'>,
  patterns: KeyPatterns,
): readonly HeardEvent[] {
  if (notifications === undefined) return NONE
  const heard: HeardEvent[] = []
  for (const notification of notifications) {
    const eventName = heardAs(kind, notification.events)
    if (eventName !== undefined && passes(notification.filter, object, patterns))
      heard.push({ notification, eventName })
  }
  return heard
}

const NONE: readonly HeardEvent[] = Object.freeze([])
const METADATA_PREFIX = 'x-amz-meta-'

/** The cheap conditions first: what they leave out no pattern is matched against. */
function passes(
  filter: NotificationFilter | undefined,
  { key, metadata, tags }: EventObject,
  patterns: KeyPatterns,
): boolean {
  if (filter === undefined) return true
  const { prefix = '', suffix = '', regex } = filter
  if (!key.startsWith(prefix) || !key.endsWith(suffix)) return false
  if (!filter.metadata.every(({ key: name, value }) => metadataValue(metadata, name) === value)) return false
  if (
    !filter.tags.every((wanted) => tags.some(({ key: name, value }) => name === wanted.key && value === wanted.value))
  )
    return false
  return regex === undefined || patterns.matches(regex, key)
}

function metadataValue(metadata: Readonly<Record<string, string>>, name: string): string | undefined {
  const own = name.slice(METADATA_PREFIX.length).toLowerCase()
  return Object.hasOwn(metadata, own) ? metadata[own] : undefined
}
