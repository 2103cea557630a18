import type { CloudEventAttributes } from '../../topics/topic.ts'

/** What of a record the attributes are made of: both providers' records have it. */
interface Told {
  readonly eventSource: string
  readonly awsRegion: string
  readonly eventTime: string
  readonly eventName: string
  readonly responseElements: { readonly 'x-amz-request-id': string; readonly 'x-amz-id-2': string }
  readonly s3: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } }
}

/** The CloudEvents attributes of an event's document, as RGW makes them (rgw_pubsub_push.cc). */
export function cloudEventOf(document: string): CloudEventAttributes {
  const [told] = (JSON.parse(document) as { Records: readonly [Told] }).Records
  const { responseElements: ids, s3 } = told
  return {
    id: `${ids['x-amz-request-id']}.${ids['x-amz-id-2']}`,
    source: `${told.eventSource}.${told.awsRegion}.${s3.bucket.name}`,
    type: `com.amazonaws.${told.eventName}`,
    time: told.eventTime,
    subject: s3.object.key,
  }
}
