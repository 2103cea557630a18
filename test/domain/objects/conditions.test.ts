import { describe, expect, it } from 'vitest'
import { type Conditions, evaluate, type Verdict } from '../../../src/domain/objects/conditions.ts'

const MODIFIED_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 500)
const SAME_SECOND_MS = Date.UTC(2026, 0, 1, 12, 0, 0)
const BEFORE_MS = SAME_SECOND_MS - 1000
const AFTER_MS = SAME_SECOND_MS + 1000

describe('evaluate', () => {
  it.each<[string, Conditions, Verdict]>([
    ['nothing', {}, 'proceed'],
    ['If-Match of this tag', { ifMatch: ['e'] }, 'proceed'],
    ['If-Match with this tag in a list', { ifMatch: ['x', 'e'] }, 'proceed'],
    ['If-Match *', { ifMatch: '*' }, 'proceed'],
    ['If-Match of another tag', { ifMatch: ['x'] }, 'failed'],
    ['If-Match of no tag', { ifMatch: [] }, 'failed'],
    ['If-None-Match of this tag', { ifNoneMatch: ['e'] }, 'not-modified'],
    ['If-None-Match *', { ifNoneMatch: '*' }, 'not-modified'],
    ['If-None-Match of another tag', { ifNoneMatch: ['x'] }, 'proceed'],
    ['If-Modified-Since before', { ifModifiedSinceMs: BEFORE_MS }, 'proceed'],
    ['If-Modified-Since in the same second', { ifModifiedSinceMs: SAME_SECOND_MS }, 'not-modified'],
    ['If-Modified-Since after', { ifModifiedSinceMs: AFTER_MS }, 'not-modified'],
    ['If-Unmodified-Since before', { ifUnmodifiedSinceMs: BEFORE_MS }, 'failed'],
    ['If-Unmodified-Since in the same second', { ifUnmodifiedSinceMs: SAME_SECOND_MS }, 'proceed'],
    ['a tag that matches before a date that does not', { ifMatch: ['e'], ifUnmodifiedSinceMs: BEFORE_MS }, 'proceed'],
    ['a tag that differs before a date that holds', { ifNoneMatch: ['x'], ifModifiedSinceMs: AFTER_MS }, 'proceed'],
    [
      'a tag that matches before a date that is older',
      { ifNoneMatch: ['e'], ifModifiedSinceMs: BEFORE_MS },
      'not-modified',
    ],
    ['both tags match', { ifMatch: ['e'], ifNoneMatch: ['e'] }, 'not-modified'],
  ])('%s', (_case, conditions, verdict) => {
    expect(evaluate(conditions, { etag: 'e', lastModifiedMs: MODIFIED_MS })).toBe(verdict)
  })

  it.each<[string, Conditions, Verdict]>([
    ['nothing', {}, 'proceed'],
    ['If-Match *', { ifMatch: '*' }, 'failed'],
    ['If-None-Match *', { ifNoneMatch: '*' }, 'proceed'],
    ['If-Unmodified-Since', { ifUnmodifiedSinceMs: AFTER_MS }, 'failed'],
    ['If-Modified-Since', { ifModifiedSinceMs: AFTER_MS }, 'proceed'],
  ])('without an object: %s', (_case, conditions, verdict) => {
    expect(evaluate(conditions, undefined)).toBe(verdict)
  })
})
