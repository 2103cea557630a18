import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventDocument } from '../../../src/domain/notifications/document.ts'
import { EVENT_NAMES, type EventKind } from '../../../src/domain/notifications/events.ts'
import type { EventFacts } from '../../../src/domain/notifications/match.ts'
import { dialectOf } from '../../support/head.ts'

interface Push {
  readonly kind: string
  readonly cause: string
  readonly body_raw: string
}

interface RecordedRecord {
  eventTime: string
  eventName: string
  userIdentity: { principalId: string }
  responseElements: Record<string, string>
  s3: {
    configurationId: string
    bucket: { name: string; ownerIdentity: { principalId: string }; id: string }
    object: {
      key: string
      size: number
      eTag: string
      versionId: string
      sequencer: string
      metadata: { key: string; val: string }[]
      tags: { key: string; val: string }[]
    }
  }
  eventId: string
  opaqueData: string
}

const file = join(import.meta.dirname, '..', '..', 'recorded', 'rgw-16.2-pushes.jsonl')
const pushes = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Push)
  .filter(({ kind }) => kind !== 'operation')

const META = 'x-amz-meta-'
const isMeta = ({ key }: { key: string }) => key.startsWith(META)

function recordOf(text: string): RecordedRecord {
  return (JSON.parse(text) as { Records: [RecordedRecord] }).Records[0]
}

function kindOf(eventName: string): EventKind {
  const found = (Object.keys(EVENT_NAMES) as EventKind[]).find((kind) => EVENT_NAMES[kind][0] === eventName)
  if (found === undefined) throw new Error(eventName)
  return found
}

/** What happened, as the recorded event tells it. */
function factsOf({ eventName, eventTime, userIdentity, s3: { object } }: RecordedRecord): EventFacts {
  return {
    kind: kindOf(eventName),
    atMs: Date.parse(eventTime),
    object: {
      key: object.key,
      sizeBytes: object.size,
      etag: object.eTag,
      versionId: object.versionId,
      metadata: Object.fromEntries(object.metadata.filter(isMeta).map(({ key, val }) => [key.slice(META.length), val])),
      // RGW sorts them; so do we.
      tags: object.tags.toReversed().map(({ key, val }) => ({ key, value: val })),
    },
    cause: {
      requesterId: userIdentity.principalId,
      clientAddress: '127.0.0.1',
      requestId: 'tx00000abcdefabcdefabcd-006b011bcf-107a-default',
    },
  }
}

/** The forms of what is different in every run, and what it becomes for the comparison. */
const VOLATILE = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  requestId: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d+\.\d+$/,
  hostId: /^[0-9a-f]+-default-default$/,
  bucketId: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d+\.\d+$/,
  sequencer: /^[0-9A-F]{16}$/,
  eventId: /^\d{10}\.\d{6}\.(.*)$/,
}

function settled(record: RecordedRecord): RecordedRecord {
  const { bucket, object } = record.s3
  expect(record.eventTime).toMatch(VOLATILE.time)
  expect(record.responseElements['x-amz-request-id']).toMatch(VOLATILE.requestId)
  expect(record.responseElements['x-amz-id-2']).toMatch(VOLATILE.hostId)
  expect(bucket.id).toMatch(VOLATILE.bucketId)
  expect(object.sequencer).toMatch(VOLATILE.sequencer)
  expect(record.eventId).toMatch(VOLATILE.eventId)
  return {
    ...record,
    // We know milliseconds.
    eventTime: record.eventTime.slice(0, -4),
    responseElements: { 'x-amz-request-id': '', 'x-amz-id-2': '' },
    s3: {
      ...record.s3,
      bucket: { ...bucket, id: '' },
      // Headers of the request leak into its metadata there; they are nobody's metadata.
      object: { ...object, sequencer: '', metadata: object.metadata.filter(isMeta) },
    },
    eventId: VOLATILE.eventId.exec(record.eventId)?.[1] ?? '',
  }
}

describe('recorded pushes of RGW 16.2', () => {
  it('there are some of each kind', () => {
    const names = new Set(pushes.map(({ body_raw }) => recordOf(body_raw).eventName))
    expect([...names].sort()).toEqual([
      'ObjectCreated:CompleteMultipartUpload',
      'ObjectCreated:Copy',
      'ObjectCreated:Post',
      'ObjectCreated:Put',
      'ObjectRemoved:Delete',
      'ObjectRemoved:DeleteMarkerCreated',
    ])
  })

  it.each(pushes.map((push, index) => [index, push.cause, push] as const))(
    '%i %s: ours is the same, field by field',
    (_index, _cause, push) => {
      const theirs = recordOf(push.body_raw)
      const { bucket } = theirs.s3
      const text = eventDocument(
        {
          facts: factsOf(theirs),
          eventName: theirs.eventName,
          configurationId: theirs.s3.configurationId,
          bucket: { id: 7, name: bucket.name, tenant: '', ownerId: bucket.ownerIdentity.principalId },
          sequence: 12_345,
          opaqueData: theirs.opaqueData,
        },
        dialectOf('rgw').events,
      )
      // Their bytes are what JSON.stringify makes of the same fields in the same order, and so are ours.
      expect(JSON.stringify(JSON.parse(push.body_raw))).toBe(push.body_raw)
      expect(JSON.stringify(settled(recordOf(text)))).toBe(JSON.stringify(settled(theirs)))
    },
  )
})
