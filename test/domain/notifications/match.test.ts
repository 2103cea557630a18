import { describe, expect, it, test } from 'vitest'
import { EVENT_NAMES, type EventKind, haveCommonEvent, readEvent } from '../../../src/domain/notifications/events.ts'
import { KeyPatterns, readKeyPattern } from '../../../src/domain/notifications/key-pattern.ts'
import { type EventObject, matchEvents } from '../../../src/domain/notifications/match.ts'
import type { Notification, NotificationFilter } from '../../../src/storage/metadata/settings.ts'

const patterns = new KeyPatterns()

const notification = (events: readonly string[], filter?: Partial<NotificationFilter>): Notification => ({
  id: 'n',
  topic: { tenant: '', name: 't' },
  arn: 'arn:aws:sns:default::t',
  element: 'TopicConfiguration',
  events,
  ...(filter === undefined ? {} : { filter: { metadata: [], tags: [], ...filter } }),
})

const object = (change: Partial<EventObject> = {}): EventObject => ({
  key: 'logs/a.txt',
  sizeBytes: 1,
  etag: 'e',
  versionId: '',
  metadata: { color: 'blue', more: 'x' },
  tags: [
    { key: 'env', value: 'prod' },
    { key: 'b', value: '1' },
  ],
  ...change,
})

const heard = (events: readonly string[], kind: EventKind): string | undefined =>
  matchEvents([notification(events)], { kind, object: object() }, patterns)[0]?.eventName

describe('the name under which an event is heard', () => {
  test.each([
    ['s3:ObjectCreated:*', 'created:put', 'ObjectCreated:Put'],
    ['s3:ObjectCreated:*', 'created:complete', 'ObjectCreated:CompleteMultipartUpload'],
    ['s3:ObjectCreated:Put', 'created:put', 'ObjectCreated:Put'],
    ['s3:ObjectCreated:Put', 'created:post', undefined],
    ['s3:ObjectCreated:*', 'removed:delete', undefined],
    ['s3:ObjectRemoved:*', 'removed:marker', 'ObjectRemoved:DeleteMarkerCreated'],
    ['s3:ObjectRemoved:*', 'expired:current', undefined],
    ['s3:ObjectLifecycle:*', 'expired:current', 'ObjectLifecycle:Expiration:Current'],
    ['s3:ObjectLifecycle:Expiration:*', 'expired:upload', 'ObjectLifecycle:Expiration:AbortMPU'],
    ['s3:ObjectLifecycle:Transition:*', 'expired:current', undefined],
    ['s3:LifecycleExpiration:*', 'expired:current', 'LifecycleExpiration:Delete'],
    ['s3:LifecycleExpiration:*', 'expired:marker-created', 'LifecycleExpiration:DeleteMarkerCreated'],
    ['s3:LifecycleExpiration:Delete', 'expired:marker-created', undefined],
    ['s3:LifecycleTransition', 'transitioned:noncurrent', 'LifecycleTransition'],
    ['s3:ObjectRestore:*', 'restore:ended', 'ObjectRestore:Delete'],
    ['s3:ObjectTagging:*', 'tagging:delete', 'ObjectTagging:Delete'],
    ['s3:ObjectAcl:Put', 'acl:put', 'ObjectAcl:Put'],
    ['s3:ObjectSynced:*', 'created:put', undefined],
  ] as const)('%s hears %s as %s', (event, kind, name) => {
    expect(heard([event], kind)).toBe(name)
  })

  it('is Ceph’s where both were configured', () => {
    expect(heard(['s3:LifecycleExpiration:*', 's3:ObjectLifecycle:*'], 'expired:noncurrent')).toBe(
      'ObjectLifecycle:Expiration:Noncurrent',
    )
  })
})

describe('names that can be configured', () => {
  test.each([
    ['s3:ObjectCreated:*', 's3:ObjectCreated:*', 's3:ObjectCreated:*'],
    ['s3:ObjectTagging:Put', 's3:ObjectTagging:Put', 's3:ObjectTagging:Put'],
    ['s3:ObjectLifecycle:Expiration:*', 's3:ObjectLifecycle:Expiration:*', undefined],
    ['s3:ReducedRedundancyLostObject', undefined, 's3:ReducedRedundancyLostObject'],
    ['OBJECT_CREATE', 's3:ObjectCreated:*', undefined],
    ['OBJECT_DELETE', 's3:ObjectRemoved:Delete', undefined],
    ['DELETE_MARKER_CREATE', 's3:ObjectRemoved:DeleteMarkerCreated', undefined],
    ['s3:ObjectLifecycle:Expiration:AbortMultipartUpload', 's3:ObjectLifecycle:Expiration:AbortMPU', undefined],
    ['s3:Frobnicate', undefined, undefined],
    ['ObjectCreated:*', undefined, undefined],
    ['s3:*', undefined, undefined],
    ['s3:objectcreated:*', undefined, undefined],
    ['', undefined, undefined],
    ['constructor', undefined, undefined],
  ])('%s is %s in rgw and %s in aws', (written, rgw, aws) => {
    expect(readEvent(written, 'rgw')).toBe(rgw)
    expect(readEvent(written, 'aws')).toBe(aws)
  })

  it('every event can be', () => {
    for (const names of Object.values(EVENT_NAMES)) {
      const known = names.flatMap((name) => readEvent(`s3:${name}`, 'rgw') ?? readEvent(`s3:${name}`, 'aws') ?? [])
      expect(known).toEqual(names.map((name) => `s3:${name}`))
    }
  })

  it('two lists have an event in common, or not', () => {
    expect(haveCommonEvent(['s3:ObjectCreated:*'], ['s3:ObjectCreated:Put'])).toBe(true)
    expect(haveCommonEvent(['s3:ObjectCreated:Put'], ['s3:ObjectRemoved:*', 's3:ObjectCreated:*'])).toBe(true)
    expect(haveCommonEvent(['s3:ObjectCreated:Put'], ['s3:ObjectCreated:Copy'])).toBe(false)
  })
})

describe('filters', () => {
  test.each([
    ['nothing', {}, true],
    ['prefix', { prefix: 'logs/' }, true],
    ['other prefix', { prefix: 'Logs/' }, false],
    ['suffix', { suffix: '.txt' }, true],
    ['other suffix', { suffix: '.jpg' }, false],
    ['prefix and suffix', { prefix: 'logs/', suffix: '.txt' }, true],
    ['prefix and other suffix', { prefix: 'logs/', suffix: '.jpg' }, false],
    ['regex of the whole key', { regex: '[a-z]+/.*\\.txt' }, true],
    ['regex of a part', { regex: '[a-z]+' }, false],
    ['regex without its end', { regex: 'logs/a' }, false],
    ['regex with anchors', { regex: '^logs/a\\.txt$' }, true],
    ['metadata', { metadata: [{ key: 'x-amz-meta-color', value: 'blue' }] }, true],
    ['metadata in capitals', { metadata: [{ key: 'X-Amz-Meta-Color', value: 'blue' }] }, true],
    ['other metadata', { metadata: [{ key: 'x-amz-meta-color', value: 'red' }] }, false],
    ['missing metadata', { metadata: [{ key: 'x-amz-meta-constructor', value: '' }] }, false],
    ['a tag', { tags: [{ key: 'env', value: 'prod' }] }, true],
    ['another tag', { tags: [{ key: 'env', value: 'test' }] }, false],
    [
      'all of it',
      {
        prefix: 'l',
        suffix: 't',
        regex: '.*',
        metadata: [{ key: 'x-amz-meta-more', value: 'x' }],
        tags: [{ key: 'b', value: '1' }],
      },
      true,
    ],
  ] as const)('%s', (_what, filter, passes) => {
    const found = matchEvents(
      [notification(['s3:ObjectCreated:*'], filter)],
      { kind: 'created:put', object: object() },
      patterns,
    )
    expect(found.length === 1).toBe(passes)
  })

  it('an event goes to each that wants it, in their order', () => {
    const all = [
      notification(['s3:ObjectCreated:*']),
      notification(['s3:ObjectRemoved:*']),
      notification(['s3:ObjectCreated:Put']),
    ]
    const found = matchEvents(all, { kind: 'created:put', object: object() }, patterns)
    expect(found.map((one) => one.notification)).toEqual([all[0], all[2]])
    expect(matchEvents(undefined, { kind: 'created:put', object: object() }, patterns)).toEqual([])
  })
})

describe('regular expressions', () => {
  test.each([
    ['(a)\\1', 'invalid escape sequence'],
    ['(?=x)y', 'unsupported Perl syntax'],
    ['(?<=x)y', 'invalid named capture'],
    ['[a', 'missing closing ]'],
    ['(((a{100}){100}){100}){100}', 'invalid repeat count'],
    [`${'(.*a)'.repeat(60)}b`, 'too complex'],
    ['x'.repeat(1025), 'longer than 1024'],
  ])('%s is refused', (text, problem) => {
    expect(readKeyPattern(text)).toEqual({ problem: expect.stringContaining(problem) })
  })

  it('ordinary ones are taken, and matched by characters', () => {
    for (const text of ['[0-9]+\\.dat', '.*\\.(?:jpe?g|png)', '(?i)LOGS/.*', '\\w+-\\d{4}', '(x+x+)+y', '中.']) {
      expect(readKeyPattern(text), text).toMatchObject({ size: expect.any(Number) })
    }
    expect(patterns.matches('中.', '中文')).toBe(true)
    expect(patterns.matches('.', '😀')).toBe(true)
    expect(patterns.matches('[0-9]+\\.dat', 'x42.dat')).toBe(false)
  })

  it('those that hang a backtracking engine answer', () => {
    expect(patterns.matches('(x+x+)+y', 'x'.repeat(1024))).toBe(false)
    expect(patterns.matches('(a|a)*b', 'a'.repeat(1024))).toBe(false)
  })

  it('more of them than are kept are matched as well', () => {
    const few = new KeyPatterns()
    for (let number = 0; number < 1100; number += 1) expect(few.matches(`k${number}`, `k${number}`)).toBe(true)
    expect(few.matches('k0', 'k0')).toBe(true)
  })
})
