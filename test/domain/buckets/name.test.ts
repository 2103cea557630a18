import { describe, expect, it } from 'vitest'
import { type BucketNameRule, isBucketName } from '../../../src/domain/buckets/name.ts'

const RULES: readonly BucketNameRule[] = ['dns', 'aws', 'zos']
const a = (count: number): string => 'a'.repeat(count)

/** Names and the rules that allow them. */
const NAMES: readonly (readonly [name: string, allowedBy: readonly BucketNameRule[]])[] = [
  ['rec', RULES],
  ['1234567890', RULES],
  ['rec.with.dots', RULES],
  ['rec-with-dashes', RULES],
  [a(63), RULES],
  ['', []],
  ['ab', []],
  [a(64), []],
  [a(256), []],
  ['192.168.5.123', []],
  ['192.168.5.1234', RULES],
  ['REC-Upper', ['zos']],
  ['rec_under_score', ['zos']],
  ['rec-trail_', ['zos']],
  ['rec-trail.', ['zos']],
  ['rec-trail-', ['zos']],
  ['rec..dots', ['zos']],
  ['rec-.dot', ['zos']],
  ['rec.-dash', ['zos']],
  ['_rec', []],
  ['-rec-lead', []],
  ['.rec-lead', []],
  ['rec with space', []],
  ['rec*star', []],
  ['rec!bang', []],
  ['rec:colon', []],
  ['rec%41', []],
  ['rec-中文', []],
  ['rec\n', []],
  ['xn--rec', ['dns', 'zos']],
  ['sthree-rec', ['dns', 'zos']],
  ['rec-s3alias', ['dns', 'zos']],
  ['rec--x-s3', ['dns', 'zos']],
]

describe('isBucketName', () => {
  it.each(NAMES)('%j', (name, allowedBy) => {
    expect(RULES.filter((rule) => isBucketName(name, rule))).toEqual(allowedBy)
  })
})
