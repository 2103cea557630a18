import type { BucketRow } from '../../storage/metadata/rows.ts'
import { compareKeys } from '../listing/order.ts'
import { awsRecord } from './aws-record.ts'
import type { EventFacts } from './match.ts'
import type { EventRules } from './rules.ts'
import { sequencer } from './sequencer.ts'

/** All that a document tells of an event. */
export interface ToldEvent {
  readonly facts: EventFacts
  /** Without `s3:`. */
  readonly eventName: string
  readonly configurationId: string
  readonly bucket: Pick<BucketRow, 'id' | 'name' | 'tenant' | 'ownerId'>
  /** OutboxWriter.nextSequence: the same for all that hear of one change. */
  readonly sequence: number
  readonly opaqueData: string
}

/** The event's document: JSON in one line, the same for every transport. */
export function eventDocument(event: ToldEvent, rules: EventRules): string {
  return rules.format === 'aws' ? JSON.stringify({ Records: [awsRecord(event, rules)] }) : rgwDocument(event, rules)
}

/**
 * Ceph's record, in its order of fields (recorded pushes; rgw_pubsub.cc). It is put together as text: a PUT waits for
 * it, and an object turned into JSON takes twice as long.
 */
function rgwDocument(event: ToldEvent, { region, zoneId, hostId, requestId }: EventRules): string {
  const { facts, bucket, sequence } = event
  const { atMs, object, cause } = facts
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const)
  const tags = object.tags.map(({ key, value }) => [key, value] as const)
  return `{"Records":[{"eventVersion":"2.2","eventSource":"ceph:s3","awsRegion":${json(region)},\
"eventTime":"${new Date(atMs).toISOString().slice(0, -1)}000Z","eventName":${json(event.eventName)},\
"userIdentity":{"principalId":${json(cause?.requesterId ?? bucket.ownerId)}},\
"requestParameters":{"sourceIPAddress":""},\
"responseElements":{"x-amz-request-id":${json(cause === undefined ? '' : requestId(cause.requestId))},\
"x-amz-id-2":${json(hostId)}},\
"s3":{"s3SchemaVersion":"1.0","configurationId":${json(event.configurationId)},\
"bucket":{"name":${json(bucket.name)},"ownerIdentity":{"principalId":${json(bucket.ownerId)}},\
"arn":${json(`arn:aws:s3:${region}:${bucket.tenant}:${bucket.name}`)},"id":${json(`${zoneId}.${bucket.id}.1`)}},\
"object":{"key":${json(object.key)},"size":${object.sizeBytes},"eTag":${json(object.etag)},\
"versionId":${json(object.versionId)},"sequencer":"${sequencer(sequence)}",\
"metadata":${pairs(metadata)},"tags":${pairs(tags)}}},\
"eventId":${json(`${seconds(atMs)}.${object.etag}`)},"opaqueData":${json(event.opaqueData)}}]}`
}

/** Text in which JSON has nothing to escape: what most texts are. */
const PLAIN = /^[ !#-[\]-~]*$/

function json(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** RGW keeps both in the order of their names. */
function pairs(entries: readonly (readonly [name: string, value: string])[]): string {
  if (entries.length === 0) return '[]'
  const sorted = entries.toSorted(([one], [other]) => compareKeys(one, other))
  return `[${sorted.map(([key, value]) => `{"key":${json(key)},"val":${json(value)}}`).join(',')}]`
}

/** `1795234780.210000`: seconds and microseconds. */
function seconds(atMs: number): string {
  const whole = Math.floor(atMs / 1000)
  return `${String(whole).padStart(10, '0')}.${String(atMs - whole * 1000).padStart(3, '0')}000`
}
