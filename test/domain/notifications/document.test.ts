import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { cloudEventOf } from '../../../src/domain/notifications/cloud-event.ts'
import { eventDocument } from '../../../src/domain/notifications/document.ts'
import { EVENT_NAMES, type EventKind } from '../../../src/domain/notifications/events.ts'
import type { EventFacts } from '../../../src/domain/notifications/match.ts'
import { sequencer } from '../../../src/domain/notifications/sequencer.ts'
import { dialectOf } from '../../support/head.ts'

const AT = Date.UTC(2026, 10, 21, 4, 19, 40, 5)
const REQUEST_ID = 'tx00000000000000010d114-0060bc38b1-2658b-default'

const facts = (kind: EventKind, change: Partial<EventFacts> = {}): EventFacts => ({
  kind,
  atMs: AT,
  object: {
    key: 'dir/red flower+中.jpg',
    sizeBytes: 5,
    etag: 'abc',
    versionId: 'v1',
    metadata: { b: '2', a: 'ü' },
    tags: [{ key: 'env', value: 'prod' }],
  },
  cause: { requesterId: 't$u', clientAddress: '10.0.0.1', requestId: REQUEST_ID },
  ...change,
})

function told(dialect: DialectName, event: EventFacts): Record<string, unknown> {
  const text = eventDocument(
    {
      facts: event,
      eventName: EVENT_NAMES[event.kind].at(dialect === 'aws' ? -1 : 0) ?? '',
      configurationId: 'cfg',
      bucket: { id: 9, name: 'b', tenant: 't', ownerId: 't$owner' },
      sequence: 0xabc,
      opaqueData: 'opaque "data"',
    },
    dialectOf(dialect).events,
  )
  expect(text).not.toContain('\n')
  expect(JSON.stringify(JSON.parse(text))).toBe(text)
  return (JSON.parse(text) as { Records: [Record<string, unknown>] }).Records[0]
}

describe("RGW's record", () => {
  it('names the region in zos, and has an id of the request of its own form', () => {
    expect(told('zos', facts('created:put'))).toMatchObject({
      eventVersion: '2.2',
      eventSource: 'ceph:s3',
      awsRegion: 'default',
      eventTime: '2026-11-21T04:19:40.005000Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 't$u' },
      requestParameters: { sourceIPAddress: '' },
      responseElements: {
        // The ZOS manual's sample: 0x10d114 and 0x2658b.
        'x-amz-request-id': expect.stringMatching(/^[0-9a-f-]{36}\.157067\.1102100$/),
        'x-amz-id-2': expect.stringMatching(/^[0-9a-f]+-default-default$/),
      },
      s3: {
        bucket: { arn: 'arn:aws:s3:default:t:b', id: expect.stringMatching(/^[0-9a-f-]{36}\.9\.1$/) },
        object: {
          key: 'dir/red flower+中.jpg',
          versionId: 'v1',
          sequencer: '0000000000000ABC',
          metadata: [
            { key: 'x-amz-meta-a', val: 'ü' },
            { key: 'x-amz-meta-b', val: '2' },
          ],
        },
      },
      eventId: '1795234780.005000.abc',
      opaqueData: 'opaque "data"',
    })
  })

  it('is the bucket owner’s where no request did it', () => {
    expect(told('rgw', facts('expired:current', { cause: undefined }))).toMatchObject({
      eventName: 'ObjectLifecycle:Expiration:Current',
      userIdentity: { principalId: 't$owner' },
      responseElements: { 'x-amz-request-id': '' },
    })
  })
})

describe("AWS's record", () => {
  it('has its fields in its order, and an encoded key', () => {
    const record = told('aws', facts('created:put', { cause: { ...facts('created:put').cause!, requestId: 'ABC' } }))
    expect(record).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'default',
      eventTime: '2026-11-21T04:19:40.005Z',
      eventName: 'ObjectCreated:Put',
      requestParameters: { sourceIPAddress: '10.0.0.1' },
      responseElements: { 'x-amz-request-id': 'ABC' },
      s3: { bucket: { arn: 'arn:aws:s3:::b' } },
    })
    expect(Object.keys(record)).toEqual([
      'eventVersion',
      'eventSource',
      'awsRegion',
      'eventTime',
      'eventName',
      'userIdentity',
      'requestParameters',
      'responseElements',
      's3',
    ])
    expect(record['s3']).toMatchObject({
      object: {
        key: 'dir/red+flower%2B%E4%B8%AD.jpg',
        size: 5,
        eTag: 'abc',
        versionId: 'v1',
        sequencer: '0000000000000ABC',
      },
    })
  })

  it.each([
    ['created:copy', '2.1'],
    ['removed:delete', '2.1'],
    ['restore:started', '2.1'],
    ['restore:ended', '2.3'],
    ['expired:noncurrent', '2.3'],
    ['transitioned:current', '2.3'],
    ['tagging:put', '2.3'],
    ['acl:put', '2.3'],
  ] as const)('%s has version %s', (kind, version) => {
    expect(told('aws', facts(kind))['eventVersion']).toBe(version)
  })

  it('tells neither size nor ETag of what is gone, and no version where none was kept', () => {
    const plain = { ...facts('removed:delete').object, versionId: '' }
    expect(told('aws', facts('removed:delete', { object: plain }))['s3']).toMatchObject({
      object: { key: 'dir/red+flower%2B%E4%B8%AD.jpg', sequencer: '0000000000000ABC' },
    })
    const { object } = told('aws', facts('removed:delete', { object: plain }))['s3'] as { object: object }
    expect(Object.keys(object)).toEqual(['key', 'sequencer'])
  })

  it('tells until when a restored copy is there', () => {
    const restore = { untilMs: AT, storageClass: 'GLACIER' }
    expect(told('aws', facts('restore:completed', { restore, cause: undefined }))).toMatchObject({
      userIdentity: { principalId: 's3.amazonaws.com' },
      requestParameters: { sourceIPAddress: 's3.amazonaws.com' },
      glacierEventData: {
        restoreEventData: {
          lifecycleRestorationExpiryTime: '2026-11-21T04:19:40.005Z',
          lifecycleRestoreStorageClass: 'GLACIER',
        },
      },
    })
  })
})

describe('beside the record', () => {
  it('sequencers sort as text as the changes were made', () => {
    const texts = [1, 9, 10, 255, 2 ** 32, Number.MAX_SAFE_INTEGER].map(sequencer)
    expect(texts.every((text) => /^[0-9A-F]{16}$/.test(text))).toBe(true)
    expect(texts.toSorted()).toEqual(texts)
  })

  it('CloudEvents attributes are made of the document, as RGW makes them', () => {
    const document = eventDocument(
      {
        facts: facts('created:put'),
        eventName: 'ObjectCreated:Put',
        configurationId: 'cfg',
        bucket: { id: 9, name: 'b', tenant: '', ownerId: 'o' },
        sequence: 1,
        opaqueData: '',
      },
      dialectOf('zos').events,
    )
    expect(cloudEventOf(document)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}\.157067\.1102100\.[0-9a-f]+-default-default$/),
      source: 'ceph:s3.default.b',
      type: 'com.amazonaws.ObjectCreated:Put',
      time: '2026-11-21T04:19:40.005000Z',
      subject: 'dir/red flower+中.jpg',
    })
  })
})
