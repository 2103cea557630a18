import { s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { Notification, NotificationFilter } from '../../storage/metadata/settings.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { Caller } from '../accounts.ts'
import { compareKeys } from '../listing/order.ts'
import type { Services } from '../services.ts'
import { assertTopicAccess } from '../topics/access.ts'
import { parseTopicArn, topicRef } from '../topics/arn.ts'
import { presentBucket } from '../versions/write.ts'
import { haveCommonEvent } from './events.ts'
import { BUCKET_PATTERNS_SIZE_MAX, readKeyPattern } from './key-pattern.ts'
import type { NotificationRules } from './rules.ts'

/** S3's documented limit of configurations of one bucket. */
export const NOTIFICATIONS_MAX = 100

/** A notification as a document asks for it. */
export type RequestedNotification = Omit<Notification, 'topic'>

export interface NotificationChange {
  readonly requested: readonly RequestedNotification[]
  readonly caller: Caller
  readonly rules: NotificationRules
  /** Whether topics may be named that are not there yet: x-amz-skip-destination-validation. */
  readonly unchecked: boolean
}

/**
 * Makes these the bucket's notifications, or adds them to what it has: the rules say.
 * @throws S3Error InvalidArgument for what is no ARN of a topic, for too many, and for what overlaps; the rules' word
 *   for a topic that is not there; AccessDenied for one that is not the caller's; NoSuchBucket
 */
export async function putNotifications(
  { metadata }: Pick<Services, 'metadata'>,
  bucket: BucketRow,
  change: NotificationChange,
): Promise<void> {
  const { requested, rules } = change
  const named = requested.map((one) => ({ ...one, topic: topicOf(one, bucket.tenant) }))
  await metadata.write(async (tx) => {
    const { id, settings } = await presentBucket(tx, bucket)
    for (const one of named) await assertUsable(tx, one, change)
    // What is added to nothing would be of no effect: a configuration of nothing removes all, wherever it is taken.
    const all = rules.merges && named.length > 0 ? merged(settings.notifications ?? [], named) : named
    assertBounded(all)
    if (rules.refusesOverlaps) assertApart(all)
    await tx.buckets.setSetting(id, 'notifications', all.length === 0 ? undefined : all)
  })
}

/**
 * Removes the notifications of this id, or all. That there is none is no error (recorded: notification.delete.none).
 * @throws S3Error NoSuchBucket
 */
export async function removeNotifications(
  { metadata }: Pick<Services, 'metadata'>,
  bucket: BucketRow,
  notificationId: string | undefined,
): Promise<void> {
  await metadata.write(async (tx) => {
    const { id, settings } = await presentBucket(tx, bucket)
    const kept = (settings.notifications ?? []).filter(
      (one) => notificationId !== undefined && one.id !== notificationId,
    )
    await tx.buckets.setSetting(id, 'notifications', kept.length === 0 ? undefined : kept)
  })
}

/** A queue's ARN names a topic as well: there are no queues here, and clients have one or the other. */
function topicOf({ arn, element }: RequestedNotification, home: string): Notification['topic'] {
  const named = parseTopicArn(arn)
  const service = element === 'QueueConfiguration' ? 'sqs' : 'sns'
  if (named?.service === service) return topicRef(named, home)
  const message = 'The ARN could not be parsed'
  throw s3Error('InvalidArgument', { ArgumentName: 'Topic', ArgumentValue: arn }, { message })
}

async function assertUsable(
  tx: WriteTransaction,
  { arn, topic: ref }: Notification,
  { caller, rules, unchecked }: NotificationChange,
): Promise<void> {
  const topic = await tx.topics.find(ref)
  // One that is not there yet has no policy that would open it to other tenants.
  const known = topic ?? (unchecked ? { ...ref, ownerId: '', attributes: {} } : undefined)
  if (known !== undefined) return assertTopicAccess(known, { caller, action: 'sns:Publish' })
  const message = `Unable to validate the following destination configurations: there is no topic ${arn}`
  throw s3Error(rules.unknownTopic, { ArgumentName: 'Topic', ArgumentValue: arn }, { message })
}

/** By id and topic, in whose order RGW keeps and answers them (recorded: notification.get.two). */
function merged(before: readonly Notification[], added: readonly Notification[]): Notification[] {
  const all = new Map([...before, ...added].map((one) => [`${one.id}_${one.topic.name}`, one]))
  return [...all].toSorted(([one], [other]) => compareKeys(one, other)).map(([, notification]) => notification)
}

function assertBounded(all: readonly Notification[]): void {
  if (all.length > NOTIFICATIONS_MAX) {
    throw s3Error('InvalidArgument', {}, { message: `A bucket has at most ${NOTIFICATIONS_MAX} notifications` })
  }
  const sizes = all.map(({ filter }) => {
    const reading = filter?.regex === undefined ? undefined : readKeyPattern(filter.regex)
    return reading !== undefined && 'size' in reading ? reading.size : 0
  })
  if (sizes.reduce((sum, size) => sum + size, 0) <= BUCKET_PATTERNS_SIZE_MAX) return
  throw s3Error('InvalidArgument', {}, { message: 'The regular expressions of a bucket are too complex together' })
}

/** @throws S3Error InvalidArgument */
function assertApart(all: readonly Notification[]): void {
  const overlap = all.some((one, index) => all.slice(index + 1).some((other) => doOverlap(one, other)))
  if (!overlap) return
  const message =
    'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are ' +
    'overlapping for the same event type.'
  throw s3Error('InvalidArgument', {}, { message })
}

/** What else a filter asks is an extension, and keeps notifications apart as far as anybody can tell. */
function doOverlap(one: Notification, other: Notification): boolean {
  if (!haveCommonEvent(one.events, other.events)) return false
  const [left = PLAIN, right = PLAIN] = [one.filter, other.filter]
  if (asksMore(left) || asksMore(right)) return false
  const [prefix = '', otherPrefix = ''] = [left.prefix, right.prefix]
  const [suffix = '', otherSuffix = ''] = [left.suffix, right.suffix]
  return (
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  )
}

const PLAIN: NotificationFilter = { metadata: [], tags: [] }

function asksMore({ regex, metadata, tags }: NotificationFilter): boolean {
  return regex !== undefined || metadata.length > 0 || tags.length > 0
}
