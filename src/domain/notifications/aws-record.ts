import type { ToldEvent } from './document.ts'
import type { EventKind } from './events.ts'
import type { EventRules } from './rules.ts'
import { sequencer } from './sequencer.ts'

/** Who acts where no request does (S3 user guide, "Event message structure"). */
const S3_ITSELF = 's3.amazonaws.com'

/** Events that came with later versions of the record; all others have 2.1. */
const LATER: ReadonlySet<string> = new Set(['expired', 'transitioned', 'tagging', 'acl'])

/** AWS's record, in its order of fields (S3 user guide, "Event message structure"). */
export function awsRecord(event: ToldEvent, { region, hostId, requestId }: EventRules): object {
  const { facts, bucket, eventName } = event
  const { cause, kind } = facts
  return {
    eventVersion: versionOf(kind),
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(facts.atMs).toISOString(),
    eventName,
    userIdentity: { principalId: cause?.requesterId ?? S3_ITSELF },
    requestParameters: { sourceIPAddress: cause?.clientAddress ?? S3_ITSELF },
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
        arn: `arn:aws:s3:::${bucket.name}`,
      },
      object: objectOf(event),
    },
    ...glacierData(event),
  }
}

function versionOf(kind: EventKind): string {
  return kind === 'restore:ended' || LATER.has(kind.slice(0, kind.indexOf(':'))) ? '2.3' : '2.1'
}

/** What is gone has neither a size nor an ETag. */
function objectOf({ facts, sequence }: ToldEvent): object {
  const { kind, object } = facts
  const isGone = kind === 'removed:delete' || kind === 'removed:marker' || kind.startsWith('expired:')
  return {
    key: formEncode(object.key),
    ...(isGone ? {} : { size: object.sizeBytes, eTag: object.etag }),
    // Undefined is left out: buckets that have never kept versions do not speak of them.
    versionId: object.versionId === '' ? undefined : object.versionId,
    sequencer: sequencer(sequence),
  }
}

function glacierData({ facts: { kind, restore } }: ToldEvent): object {
  if (kind !== 'restore:completed' || restore === undefined) return {}
  return {
    glacierEventData: {
      restoreEventData: {
        lifecycleRestorationExpiryTime: new Date(restore.untilMs).toISOString(),
        lifecycleRestoreStorageClass: restore.storageClass,
      },
    },
  }
}

/** `red flower.jpg` is `red+flower.jpg` (the same page); a slash stays. */
function formEncode(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
}
