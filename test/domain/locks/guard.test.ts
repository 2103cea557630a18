import { describe, expect, it } from 'vitest'
import {
  assertAhead,
  assertKeepsLocks,
  assertLockable,
  assertRemovable,
  assertRetentionChange,
} from '../../../src/domain/locks/guard.ts'
import type { BucketRow, ObjectAttributes, Retention, VersionRow } from '../../../src/storage/metadata/rows.ts'
import { newVersion } from '../../support/rows.ts'

const NOW_MS = 1_000_000
const LATER_MS = NOW_MS + 1

function version(lock: Pick<ObjectAttributes, 'retention' | 'legalHold'>): VersionRow {
  const attributes = { contentType: undefined, metadata: {}, tags: [], acl: 'private', ...lock } as const
  return { ...newVersion(1, 'k', { attributes }), id: 1, isLatest: true }
}

const governance = { mode: 'GOVERNANCE', retainUntilMs: LATER_MS } as const
const compliance = { mode: 'COMPLIANCE', retainUntilMs: LATER_MS } as const
const passed = { mode: 'COMPLIANCE', retainUntilMs: NOW_MS } as const

describe('assertRemovable', () => {
  it.each([
    ['no lock', {}, false, true],
    ['retention that has ended', { retention: passed }, false, true],
    ['governance', { retention: governance }, false, false],
    ['governance, bypassed', { retention: governance }, true, true],
    ['compliance', { retention: compliance }, false, false],
    ['compliance, bypassed', { retention: compliance }, true, false],
    ['legal hold', { legalHold: true }, false, false],
    ['legal hold, bypassed', { legalHold: true }, true, false],
    ['legal hold that is off', { legalHold: false }, false, true],
    ['governance and legal hold, bypassed', { retention: governance, legalHold: true }, true, false],
  ])('%s', (_case, lock, bypassGovernance, removable) => {
    const attempt = () => assertRemovable(version(lock), { nowMs: NOW_MS, bypassGovernance })
    if (removable) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(expect.objectContaining({ code: 'AccessDenied', message: 'forbidden by object lock' }))
  })
})

describe('assertLockable', () => {
  const bucket: BucketRow = {
    id: 1,
    tenant: '',
    name: 'b',
    ownerId: 'o',
    createdMs: 0,
    versioning: 'enabled',
    objectLock: true,
    location: '',
    storageClass: 'STANDARD',
    azPolicy: undefined,
    acl: 'private',
    settings: {},
  }
  const lockless: BucketRow = { ...bucket, objectLock: false }

  it.each([
    ['no lock in a bucket without object lock', lockless, {}, undefined],
    ['retention in a bucket without object lock', lockless, { retention: governance }, 'InvalidRequest'],
    ['legal hold off in a bucket without object lock', lockless, { legalHold: false }, 'InvalidRequest'],
    ['retention ahead', bucket, { retention: governance }, undefined],
    ['retention that has ended', bucket, { retention: passed }, 'InvalidArgument'],
    ['legal hold', bucket, { legalHold: true }, undefined],
  ])('%s', (_case, where, lock, code) => {
    const attempt = () => assertLockable(where, version(lock).attributes, NOW_MS)
    if (code === undefined) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(expect.objectContaining({ code }))
  })

  it('is not asked again about the date when the version is written', () => {
    const { attributes } = version({ retention: passed })
    expect(() => assertKeepsLocks(bucket, attributes)).not.toThrow()
    expect(() => assertKeepsLocks(lockless, attributes)).toThrow(expect.objectContaining({ code: 'InvalidRequest' }))
  })
})

describe('assertAhead', () => {
  it('lets a date pass that lies ahead, and no retention', () => {
    expect(() => assertAhead(governance, NOW_MS)).not.toThrow()
    expect(() => assertAhead(undefined, NOW_MS)).not.toThrow()
    expect(() => assertAhead(passed, NOW_MS)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })
})

describe('assertRetentionChange', () => {
  const longer = <R extends Retention>(retention: R) => ({ ...retention, retainUntilMs: LATER_MS + 1 })
  const shorter = <R extends Retention>(retention: R) => ({ ...retention, retainUntilMs: LATER_MS - 0.5 })

  it.each([
    ['nothing to nothing', undefined, undefined, 'free'],
    ['nothing to compliance', undefined, compliance, 'free'],
    ['what has passed to nothing', passed, undefined, 'free'],
    ['what has passed to governance', passed, governance, 'free'],
    ['governance to the same', governance, governance, 'free'],
    ['governance to longer governance', governance, longer(governance), 'free'],
    ['governance to shorter governance', governance, shorter(governance), 'bypass'],
    ['governance to nothing', governance, undefined, 'bypass'],
    ['governance to compliance', governance, compliance, 'bypass'],
    ['governance to longer compliance', governance, longer(compliance), 'bypass'],
    ['compliance to the same', compliance, compliance, 'free'],
    ['compliance to longer compliance', compliance, longer(compliance), 'free'],
    ['compliance to shorter compliance', compliance, shorter(compliance), 'never'],
    ['compliance to nothing', compliance, undefined, 'never'],
    ['compliance to governance', compliance, governance, 'never'],
    ['compliance to longer governance', compliance, longer(governance), 'never'],
  ] as const)('%s', (_case, before, after, allowed) => {
    for (const bypassGovernance of [false, true]) {
      const attempt = () => assertRetentionChange({ before, after }, { nowMs: NOW_MS, bypassGovernance })
      const expected = allowed === 'free' || (allowed === 'bypass' && bypassGovernance)
      if (expected) expect(attempt).not.toThrow()
      else expect(attempt).toThrow(expect.objectContaining({ code: 'AccessDenied' }))
    }
  })
})
