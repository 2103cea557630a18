import { describe, expect, it } from 'vitest'
import { assertReadable, isArchived, restoreStatus } from '../../../src/domain/storage-classes/archive.ts'

const RESTORE = { requestedMs: 1_000, readyMs: 2_000, days: 1, untilMs: 3_000 }
const ATTRIBUTES = { contentType: undefined, metadata: {}, tags: [], acl: 'private' } as const

it.each([
  ['STANDARD', false],
  ['STANDARD_IA', false],
  ['GLACIER_IR', false],
  ['INTELLIGENT_TIERING', false],
  ['GLACIER', true],
  ['DEEP_ARCHIVE', true],
])('%s is archived: %s', (storageClass, archived) => expect(isArchived(storageClass)).toBe(archived))

describe('a restore', () => {
  it.each([
    [999, { isOngoing: true }],
    [1_999, { isOngoing: true }],
    [2_000, { isOngoing: false, untilMs: 3_000 }],
    [2_999, { isOngoing: false, untilMs: 3_000 }],
    [3_000, undefined],
  ])('at %i', (nowMs, status) => expect(restoreStatus(RESTORE, nowMs)).toEqual(status))

  it('is none where there was none', () => expect(restoreStatus(undefined, 1)).toBeUndefined())
})

describe('reading', () => {
  const refused = (storageClass: string, nowMs: number, restore?: typeof RESTORE) => {
    try {
      assertReadable({ storageClass, attributes: { ...ATTRIBUTES, restore } }, { nowMs })
      return undefined
    } catch (cause) {
      return cause
    }
  }

  it.each([
    ['STANDARD', 1_000],
    ['GLACIER_IR', 1_000],
    ['GLACIER', 2_500],
    ['DEEP_ARCHIVE', 2_000],
  ])('%s at %i is allowed', (storageClass, nowMs) => expect(refused(storageClass, nowMs, RESTORE)).toBeUndefined())

  it.each([
    ['GLACIER', 1_999],
    ['GLACIER', 3_000],
  ])('%s at %i is refused, with the class', (storageClass, nowMs) => {
    const expected = { code: 'InvalidObjectState', details: { StorageClass: storageClass } }
    expect(refused(storageClass, nowMs, RESTORE)).toMatchObject(expected)
    expect(refused(storageClass, nowMs)).toMatchObject(expected)
  })
})
