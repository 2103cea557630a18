import { describe, expect, it } from 'vitest'
import type { LifecycleFilter } from '../../../src/storage/metadata/settings.ts'
import { newRule } from '../../support/lifecycle.ts'
import { DAY, expire, filtered, MIDNIGHT, move, object, older, outcome } from '../../support/lifecycle-plan.ts'

describe('where a rule can move an object', () => {
  // The waterfall: from the row to the column.
  const TABLE: Readonly<Record<string, string>> = {
    //                    STANDARD  IA  ONEZONE  IR  TIERING  GLACIER  DEEP
    STANDARD: '           -         x   x        x   x        x        x',
    REDUCED_REDUNDANCY: ' -         x   x        x   x        x        x',
    STANDARD_IA: '        x         -   x        x   x        x        x',
    ONEZONE_IA: '         x         -   -        -   -        x        x',
    GLACIER_IR: '         x         -   -        -   -        x        x',
    INTELLIGENT_TIERING: 'x         -   x        x   -        x        x',
    GLACIER: '            -         -   -        -   -        -        x',
    DEEP_ARCHIVE: '       -         -   -        -   -        -        -',
  }
  const TARGETS = [
    'STANDARD',
    'STANDARD_IA',
    'ONEZONE_IA',
    'GLACIER_IR',
    'INTELLIGENT_TIERING',
    'GLACIER',
    'DEEP_ARCHIVE',
  ]
  const cases = Object.entries(TABLE).flatMap(([from, row]) =>
    row
      .trim()
      .split(/\s+/)
      .map((cell, index) => [from, TARGETS[index] ?? '', cell === 'x'] as const),
  )
  it.each(cases)('from %s to %s: %s', (from, to, expected) => {
    const found = outcome({
      rules: [move(1, to)],
      candidate: object({ storageClass: from }),
      atMs: MIDNIGHT + DAY,
    })
    expect(found).toBe(expected ? `transition ${to}` : 'none')
    const noncurrentTransitions = [{ noncurrentDays: 1, storageClass: to }]
    const candidate = older(0, { storageClass: from })
    const rules = [newRule({ noncurrentTransitions })]
    expect(outcome({ rules, candidate, atMs: MIDNIGHT + DAY, versioning: 'enabled' })).toBe(found)
  })
})

describe('objects that are too small', () => {
  const SMALL = 128 * 1024
  const cases = [
    [undefined, SMALL - 1, 'STANDARD_IA', true],
    [undefined, 0, 'GLACIER', true],
    ['all_storage_classes_128K', SMALL - 1, 'STANDARD_IA', false],
    ['all_storage_classes_128K', SMALL - 1, 'GLACIER', false],
    ['all_storage_classes_128K', SMALL - 1, 'DEEP_ARCHIVE', false],
    ['all_storage_classes_128K', SMALL, 'STANDARD_IA', true],
    ['all_storage_classes_128K', SMALL, 'GLACIER', true],
    ['varies_by_storage_class', SMALL - 1, 'STANDARD_IA', false],
    ['varies_by_storage_class', SMALL - 1, 'INTELLIGENT_TIERING', false],
    ['varies_by_storage_class', SMALL - 1, 'GLACIER_IR', false],
    ['varies_by_storage_class', SMALL - 1, 'GLACIER', true],
    ['varies_by_storage_class', 0, 'DEEP_ARCHIVE', true],
    ['varies_by_storage_class', SMALL, 'STANDARD_IA', true],
  ] as const
  it.each(cases)('%s: %i bytes to %s: %s', (minimum, sizeBytes, to, expected) => {
    const found = outcome({ rules: [move(1, to)], candidate: object({ sizeBytes }), atMs: MIDNIGHT + DAY, minimum })
    expect(found).toBe(expected ? `transition ${to}` : 'none')
  })

  it.each(['all_storage_classes_128K', 'varies_by_storage_class'] as const)(
    '%s: a filter by size decides',
    (minimum) => {
      const at = (filter: Partial<LifecycleFilter>, sizeBytes: number) =>
        outcome({
          rules: [move(1, 'STANDARD_IA', filtered(filter))],
          candidate: object({ sizeBytes }),
          atMs: MIDNIGHT + DAY,
          minimum,
        })
      expect(at({ sizeGreaterThan: 1 }, 2)).toBe('transition STANDARD_IA')
      expect(at({ sizeLessThan: 10 }, 2)).toBe('transition STANDARD_IA')
      expect(at({ prefix: 'logs/' }, 2)).toBe('none')
    },
  )

  it('expire all the same', () => {
    const minimum = 'all_storage_classes_128K'
    expect(outcome({ rules: [expire(1)], candidate: object({ sizeBytes: 1 }), atMs: MIDNIGHT + DAY, minimum })).toBe(
      'expire',
    )
  })
})
