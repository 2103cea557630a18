import { describe, expect, it } from 'vitest'
import { type Candidate, decide, type Place, type Terms } from '../../../src/domain/lifecycle/plan.ts'
import type { Versioning } from '../../../src/storage/metadata/rows.ts'
import type { LifecycleFilter, LifecycleRule } from '../../../src/storage/metadata/settings.ts'
import { newConfiguration, newRule } from '../../support/lifecycle.ts'
import {
  DAY,
  expire,
  filtered,
  LATEST,
  MADE,
  MIDNIGHT,
  marker,
  move,
  object,
  older,
  outcome,
} from '../../support/lifecycle-plan.ts'

describe('days of the calendar', () => {
  // For each number of days the last moment before the midnight behind it, and that midnight.
  const days = [1, 2, 3, 7, 30, 31, 90, 365, 3650]
  it.each(
    days.flatMap(
      (n) =>
        [
          [n, -1, 'none'],
          [n, 0, 'expire'],
          [n, DAY * 400, 'expire'],
        ] as const,
    ),
  )('Days %i, %i ms from the midnight: %s', (n, offset, expected) => {
    expect(outcome({ rules: [expire(n)], atMs: MIDNIGHT + n * DAY + offset })).toBe(expected)
  })

  it.each(
    [0, 1, 2, 10].flatMap(
      (n) =>
        [
          [n, -1, 'none'],
          [n, 0, 'transition GLACIER'],
        ] as const,
    ),
  )('a transition after %i days, %i ms from the midnight: %s', (n, offset, expected) => {
    expect(outcome({ rules: [move(n, 'GLACIER')], atMs: MIDNIGHT + n * DAY + offset })).toBe(expected)
  })

  it.each(
    [1, 2, 10].flatMap(
      (n) =>
        [
          [n, -1, 'none'],
          [n, 0, 'delete-version'],
        ] as const,
    ),
  )('a version noncurrent for %i days, %i ms from the midnight: %s', (n, offset, expected) => {
    const rules = [newRule({ noncurrentExpiration: { noncurrentDays: n } })]
    const atMs = MIDNIGHT + n * DAY + offset
    expect(outcome({ rules, candidate: older(0), atMs, versioning: 'enabled' })).toBe(expected)
  })

  it('takes what was made at midnight as made on that day', () => {
    const candidate = object({ lastModifiedMs: MIDNIGHT })
    expect(outcome({ rules: [expire(1)], candidate, atMs: MIDNIGHT + DAY - 1 })).toBe('none')
    expect(outcome({ rules: [expire(1)], candidate, atMs: MIDNIGHT + DAY })).toBe('expire')
  })
})

describe('days of another length, which are not rounded', () => {
  it.each([1, 2, 5].flatMap((n) => [1000, 10_000, 3_600_000].map((dayMs) => [n, dayMs] as const)))(
    '%i days of %i ms',
    (n, dayMs) => {
      const due = MADE + n * dayMs
      expect(outcome({ rules: [expire(n)], atMs: due - 1, dayMs })).toBe('none')
      expect(outcome({ rules: [expire(n)], atMs: due, dayMs })).toBe('expire')
      expect(outcome({ rules: [move(n, 'GLACIER')], atMs: due - 1, dayMs })).toBe('none')
      expect(outcome({ rules: [move(n, 'GLACIER')], atMs: due, dayMs })).toBe('transition GLACIER')
    },
  )

  it('leaves dates where they are', () => {
    const rules = [newRule({ expiration: { dateMs: MIDNIGHT } })]
    expect(outcome({ rules, atMs: MIDNIGHT - 1, dayMs: 1000 })).toBe('none')
    expect(outcome({ rules, atMs: MIDNIGHT, dayMs: 1000 })).toBe('expire')
  })
})

describe('dates', () => {
  it.each([
    [MIDNIGHT - 1, 'none'],
    [MIDNIGHT, 'expire'],
    [MIDNIGHT + 1000 * DAY, 'expire'],
  ])('an expiration at %i: %s, whenever the object was made', (atMs, expected) => {
    const rules = [newRule({ expiration: { dateMs: MIDNIGHT } })]
    expect(outcome({ rules, atMs })).toBe(expected)
    expect(outcome({ rules, atMs, candidate: object({ lastModifiedMs: atMs }) })).toBe(expected)
  })

  it.each([
    [MIDNIGHT - 1, 'none'],
    [MIDNIGHT, 'transition STANDARD_IA'],
  ])('a transition at %i: %s', (atMs, expected) => {
    const rules = [newRule({ transitions: [{ dateMs: MIDNIGHT, storageClass: 'STANDARD_IA' }] })]
    expect(outcome({ rules, atMs })).toBe(expected)
  })
})

describe('filters', () => {
  const tags = [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]
  it.each<[name: string, filter: Partial<LifecycleFilter>, candidate: Partial<Candidate>, holds: boolean]>([
    ['nothing', {}, {}, true],
    ['an empty prefix', { prefix: '' }, {}, true],
    ['the prefix', { prefix: 'logs/' }, {}, true],
    ['the whole key', { prefix: 'logs/a' }, {}, true],
    ['more than the key', { prefix: 'logs/a/' }, {}, false],
    ['another prefix', { prefix: 'Logs/' }, {}, false],
    ['one tag of several', { tags: tags.slice(1) }, { tags }, true],
    ['all tags', { tags }, { tags: tags.toReversed() }, true],
    ['a tag too many', { tags }, { tags: tags.slice(1) }, false],
    ['a tag of another value', { tags: [{ key: 'a', value: '2' }] }, { tags }, false],
    ['a tag of an object without any', { tags }, {}, false],
    ['greater than less', { sizeGreaterThan: 999_999 }, {}, true],
    ['greater than as much', { sizeGreaterThan: 1_000_000 }, {}, false],
    ['less than more', { sizeLessThan: 1_000_001 }, {}, true],
    ['less than as much', { sizeLessThan: 1_000_000 }, {}, false],
    ['between', { sizeGreaterThan: 500_000, sizeLessThan: 2_000_000 }, {}, true],
    ['greater than nothing, of an empty object', { sizeGreaterThan: 0 }, { sizeBytes: 0 }, false],
    ['less than one, of an empty object', { sizeLessThan: 1 }, { sizeBytes: 0 }, true],
    ['all that holds', { prefix: 'l', tags, sizeGreaterThan: 1, isAnd: true }, { tags }, true],
    ['all but the prefix', { prefix: 'x', tags, sizeGreaterThan: 1, isAnd: true }, { tags }, false],
    ['all but a tag', { prefix: 'l', tags, sizeGreaterThan: 1, isAnd: true }, {}, false],
    ['all but the size', { prefix: 'l', tags, sizeGreaterThan: 1e9, isAnd: true }, { tags }, false],
  ])('%s', (_name, filter, change, holds) => {
    const candidate = object(change)
    const atMs = MIDNIGHT + 10 * DAY
    expect(outcome({ rules: [expire(1, filtered(filter))], candidate, atMs })).toBe(holds ? 'expire' : 'none')
    const transition = outcome({ rules: [move(1, 'GLACIER', filtered(filter))], candidate, atMs })
    expect(transition).toBe(holds ? 'transition GLACIER' : 'none')
    const rule = newRule({ ...filtered(filter), noncurrentExpiration: { noncurrentDays: 1 } })
    const old = outcome({ rules: [rule], candidate: older(0, change), atMs, versioning: 'enabled' })
    expect(old).toBe(holds ? 'delete-version' : 'none')
  })

  it('nothing is done by a rule that is disabled', () => {
    expect(outcome({ rules: [expire(1, { enabled: false })], atMs: MIDNIGHT + 100 * DAY })).toBe('none')
    expect(outcome({ rules: [move(1, 'GLACIER', { enabled: false })], atMs: MIDNIGHT + 100 * DAY })).toBe('none')
  })
})

describe('what a rule can do to what', () => {
  const every = newRule({
    expiration: { days: 1 },
    transitions: [{ days: 1, storageClass: 'GLACIER' }],
    noncurrentExpiration: { noncurrentDays: 1 },
    noncurrentTransitions: [{ noncurrentDays: 1, storageClass: 'GLACIER' }],
    abortIncompleteDays: 1,
  })
  const current = newRule({ expiration: { days: 1 } })
  const noncurrent = newRule({ noncurrentExpiration: { noncurrentDays: 1 } })
  const lone = newRule({ expiration: { expiredObjectDeleteMarker: true } })
  const notLone = newRule({ expiration: { expiredObjectDeleteMarker: false } })
  const hiding: Place = { kind: 'latest', isAlone: false }
  const aside: Place = { kind: 'noncurrent', sinceMs: MADE, newer: 0 }
  it.each<[name: string, rule: LifecycleRule, candidate: Candidate, expected: string]>([
    ['all to a current version', every, object(), 'transition GLACIER'],
    ['all to a noncurrent version', every, older(0), 'delete-version'],
    ['all to a marker alone', every, marker(LATEST), 'remove-marker'],
    ['all to a marker that hides something', every, marker(hiding), 'none'],
    ['all to a noncurrent marker', every, marker(aside), 'delete-version'],
    ['expiration to a current version', current, object(), 'expire'],
    ['expiration to a noncurrent version', current, older(0), 'none'],
    ['expiration to a marker alone', current, marker(LATEST), 'remove-marker'],
    ['expiration to a marker that hides something', current, marker(hiding), 'none'],
    ['noncurrent expiration to a current version', noncurrent, object(), 'none'],
    ['noncurrent expiration to a noncurrent version', noncurrent, older(0), 'delete-version'],
    ['noncurrent expiration to a marker alone', noncurrent, marker(LATEST), 'none'],
    ['noncurrent expiration to a noncurrent marker', noncurrent, marker(aside), 'delete-version'],
    ['marker removal to a current version', lone, object(), 'none'],
    ['marker removal to a noncurrent version', lone, older(0), 'none'],
    ['marker removal to a marker alone', lone, marker(LATEST), 'remove-marker'],
    ['marker removal to a marker that hides something', lone, marker(hiding), 'none'],
    ['marker removal to a noncurrent marker', lone, marker(aside), 'none'],
    ['no marker removal to a marker alone', notLone, marker(LATEST), 'none'],
  ])('%s', (_name, rule, candidate, expected) => {
    expect(outcome({ rules: [rule], candidate, atMs: MIDNIGHT + 10 * DAY, versioning: 'enabled' })).toBe(expected)
    expect(outcome({ rules: [rule], candidate, atMs: MIDNIGHT + 10 * DAY, versioning: 'suspended' })).toBe(expected)
  })

  it('a marker goes at once, or at its age, as the rule says', () => {
    const at = (rule: LifecycleRule, atMs: number) =>
      outcome({ rules: [rule], candidate: marker(LATEST), atMs, versioning: 'enabled' })
    expect(at(lone, MADE)).toBe('remove-marker')
    expect(at(current, MADE)).toBe('none')
    expect(at(current, MIDNIGHT + DAY)).toBe('remove-marker')
    expect(at(newRule({ expiration: { dateMs: MIDNIGHT } }), MIDNIGHT - 1)).toBe('none')
    expect(at(newRule({ expiration: { dateMs: MIDNIGHT } }), MIDNIGHT)).toBe('remove-marker')
  })

  it('markers have no bytes and no tags', () => {
    const rule = (filter: Partial<LifecycleFilter>) => [
      newRule({ ...filtered(filter), noncurrentExpiration: { noncurrentDays: 1 } }),
    ]
    const at = (filter: Partial<LifecycleFilter>) =>
      outcome({ rules: rule(filter), candidate: marker(aside), atMs: MIDNIGHT + 9 * DAY, versioning: 'enabled' })
    expect(at({ sizeLessThan: 1 })).toBe('delete-version')
    expect(at({ sizeGreaterThan: 0 })).toBe('none')
    expect(at({ tags: [{ key: 'a', value: '' }] })).toBe('none')
  })
})

describe('newer noncurrent versions that are kept', () => {
  const cases = [1, 2, 5, 100].flatMap((kept) =>
    [0, 1, 2, 4, 5, 6, 99, 100, 101].map((newer) => [kept, newer, newer >= kept ? 'delete-version' : 'none'] as const),
  )
  it.each(cases)('of %i kept, with %i newer: %s', (kept, newer, expected) => {
    const rules = [newRule({ noncurrentExpiration: { noncurrentDays: 1, newerNoncurrentVersions: kept } })]
    const candidate = older(newer)
    expect(outcome({ rules, candidate, atMs: MIDNIGHT + DAY, versioning: 'enabled' })).toBe(expected)
    expect(outcome({ rules, candidate, atMs: MIDNIGHT + DAY - 1, versioning: 'enabled' })).toBe('none')
  })

  it('the same of transitions', () => {
    const noncurrentTransitions = [{ noncurrentDays: 1, newerNoncurrentVersions: 2, storageClass: 'GLACIER' }]
    const rules = [newRule({ noncurrentTransitions })]
    const at = (newer: number) =>
      outcome({ rules, candidate: older(newer), atMs: MIDNIGHT + DAY, versioning: 'enabled' })
    expect([at(0), at(1), at(2), at(3)]).toEqual(['none', 'none', 'transition GLACIER', 'transition GLACIER'])
  })
})

describe('several rules', () => {
  const atMs = MIDNIGHT + 400 * DAY
  it.each<[name: string, rules: LifecycleRule[], versioning: Versioning, expected: string]>([
    ['deletion before transition', [move(1, 'GLACIER'), expire(2)], 'off', 'expire'],
    ['deletion before transition, whichever stands first', [expire(2), move(1, 'GLACIER')], 'off', 'expire'],
    ['transition before a delete marker', [expire(1), move(2, 'GLACIER')], 'enabled', 'transition GLACIER'],
    ['the same where versioning is suspended', [expire(1), move(2, 'GLACIER')], 'suspended', 'transition GLACIER'],
    ['the cheaper class', [move(1, 'STANDARD_IA'), move(1, 'GLACIER')], 'off', 'transition GLACIER'],
    [
      'the cheaper class, whichever is due first',
      [move(9, 'GLACIER'), move(1, 'DEEP_ARCHIVE')],
      'off',
      'transition DEEP_ARCHIVE',
    ],
    [
      'tiering before instant retrieval',
      [move(1, 'GLACIER_IR'), move(1, 'INTELLIGENT_TIERING')],
      'off',
      'transition INTELLIGENT_TIERING',
    ],
    ['an archive before tiering', [move(1, 'INTELLIGENT_TIERING'), move(1, 'GLACIER')], 'off', 'transition GLACIER'],
    ['what is due before what is not', [move(1, 'STANDARD_IA'), move(500, 'GLACIER')], 'off', 'transition STANDARD_IA'],
    [
      'what applies before what does not',
      [move(1, 'GLACIER', filtered({ prefix: 'x' })), move(1, 'STANDARD_IA')],
      'off',
      'transition STANDARD_IA',
    ],
  ])('%s', (_name, rules, versioning, expected) => {
    expect(outcome({ rules, atMs, versioning })).toBe(expected)
  })

  it('of one rule, the step that was reached last', () => {
    const transitions = [
      { days: 90, storageClass: 'GLACIER' },
      { days: 30, storageClass: 'STANDARD_IA' },
      { days: 300, storageClass: 'DEEP_ARCHIVE' },
    ]
    const rules = [newRule({ transitions, expiration: { days: 365 } })]
    const at = (days: number, storageClass = 'STANDARD') =>
      outcome({ rules, candidate: object({ storageClass }), atMs: MIDNIGHT + days * DAY })
    expect([at(29), at(30), at(89), at(90), at(300), at(365)]).toEqual([
      'none',
      'transition STANDARD_IA',
      'transition STANDARD_IA',
      'transition GLACIER',
      'transition DEEP_ARCHIVE',
      'expire',
    ])
    expect([at(30, 'STANDARD_IA'), at(90, 'STANDARD_IA'), at(90, 'GLACIER'), at(90, 'DEEP_ARCHIVE')]).toEqual([
      'none',
      'transition GLACIER',
      'none',
      'none',
    ])
  })

  it('stays in tiering where another rule names instant retrieval, and goes on where its own does', () => {
    const candidate = object({ storageClass: 'INTELLIGENT_TIERING' })
    const two = [move(1, 'INTELLIGENT_TIERING'), move(1, 'GLACIER_IR')]
    expect(outcome({ rules: two, candidate, atMs })).toBe('none')
    const transitions = [
      { days: 1, storageClass: 'INTELLIGENT_TIERING' },
      { days: 90, storageClass: 'GLACIER_IR' },
    ]
    expect(outcome({ rules: [newRule({ transitions })], candidate, atMs })).toBe('transition GLACIER_IR')
  })

  it('names the rule that was due first, and of equals the first', () => {
    const terms = (rules: LifecycleRule[]): Terms => ({
      configuration: newConfiguration(rules),
      versioning: 'off',
      dayMs: DAY,
    })
    const named = (rules: LifecycleRule[]) => decide(terms(rules), object(), atMs)?.rule.id
    expect(named([expire(9, { id: 'late' }), expire(1, { id: 'early' })])).toBe('early')
    expect(named([expire(1, { id: 'one' }), expire(1, { id: 'other' })])).toBe('one')
    expect(named([move(9, 'GLACIER', { id: 'late' }), move(1, 'GLACIER', { id: 'early' })])).toBe('early')
  })
})
