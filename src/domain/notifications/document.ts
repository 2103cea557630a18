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
  const record = rules.format === 'aws' ? awsRecord(event, rules) : rgwRecord(event, rules)
  return JSON.stringify({ Records: [record] })
}

/** Ceph's record, in its order of fields (recorded pushes; rgw_pubsub.cc). */
function rgwRecord(event: ToldEvent, { region, zoneId, hostId, requestId }: EventRules): object {
  const { facts, bucket } = event
  const { object, cause } = facts
  return {
    eventVersion: '2.2',
    eventSource: 'ceph:s3',
    awsRegion: region,
    eventTime: new Date(facts.atMs).toISOString().replace('Z', '000Z'),
    eventName: event.eventName,
    userIdentity: { principalId: cause?.requesterId ?? bucket.ownerId },
    requestParameters: { sourceIPAddress: '' },
    responseElements: {
      'x-amz-request-id': cause === undefined ? '' : requestId(cause.requestId),
      'x-amz-id-2': hostId,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: event.configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: bucket.ownerId },
        arn: `arn:aws:s3:${region}:${bucket.tenant}:${bucket.name}`,
        id: `${zoneId}.${bucket.id}.1`,
      },
      object: {
        key: object.key,
        size: object.sizeBytes,
        eTag: object.etag,
        versionId: object.versionId,
        sequencer: sequencer(event.sequence),
        metadata: pairs(Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
        tags: pairs(object.tags.map(({ key, value }) => [key, value])),
      },
    },
    eventId: `${seconds(facts.atMs)}.${object.etag}`,
    opaqueData: event.opaqueData,
  }
}

/** RGW keeps both in the order of their names. */
function pairs(entries: readonly (readonly [name: string, value: string])[]): object[] {
  return entries.toSorted(([one], [other]) => compareKeys(one, other)).map(([key, val]) => ({ key, val }))
}

/** `1795234780.210000`: seconds and microseconds. */
function seconds(atMs: number): string {
  const whole = Math.floor(atMs / 1000)
  return `${String(whole).padStart(10, '0')}.${String(atMs - whole * 1000).padStart(3, '0')}000`
}
