import { describe, expect, it } from 'vitest'
import { phasesOf } from '../../../src/domain/lifecycle/phases.ts'
import type { LifecycleRule } from '../../../src/storage/metadata/settings.ts'
import { newConfiguration, ruleFor } from '../../support/lifecycle.ts'

const days = { expiration: { days: 1 } }
const old = { noncurrentExpiration: { noncurrentDays: 1 } }
const kinds = (rule: Partial<LifecycleRule>, versioning: 'off' | 'enabled' | 'suspended') =>
  phasesOf(newConfiguration([ruleFor('', rule)]), versioning).map(({ kind }) => kind)

describe('the walks of a run', () => {
  it.each<[name: string, rule: Partial<LifecycleRule>, off: string[], enabled: string[]]>([
    ['Days', days, ['current'], ['current', 'history']],
    ['Date', { expiration: { dateMs: 0 } }, ['current'], ['current', 'history']],
    ['markers', { expiration: { expiredObjectDeleteMarker: true } }, [], ['history']],
    ['no markers', { expiration: { expiredObjectDeleteMarker: false } }, [], []],
    ['transitions', { transitions: [{ days: 0, storageClass: 'GLACIER' }] }, ['current'], ['current']],
    ['noncurrent versions', old, [], ['history']],
    ['their transitions', { noncurrentTransitions: [{ noncurrentDays: 0, storageClass: 'GLACIER' }] }, [], ['history']],
    ['uploads', { abortIncompleteDays: 1 }, ['uploads'], ['uploads']],
    ['all', { ...days, ...old, abortIncompleteDays: 1 }, ['current', 'uploads'], ['current', 'history', 'uploads']],
    ['nothing, disabled', { ...days, ...old, enabled: false }, [], []],
  ])('%s', (_name, rule, off, enabled) => {
    expect(kinds(rule, 'off')).toEqual(off)
    expect(kinds(rule, 'enabled')).toEqual(enabled)
    expect(kinds(rule, 'suspended')).toEqual(enabled)
  })

  it.each([
    [
      ['b', 'a'],
      ['a', 'b'],
    ],
    [['a/', 'a/b', 'a'], ['a']],
    [['a/b', 'a/c', 'a/b/c', 'a/'], ['a/']],
    [['', 'x'], ['']],
    [['a', 'a'], ['a']],
    [['ab', 'a-', 'a'], ['a']],
    [
      ['a/b', 'a-b', 'ab'],
      ['a-b', 'a/b', 'ab'],
    ],
    [
      ['\u{1F600}', '\uFFFD', '\u{1F600}x'],
      ['\uFFFD', '\u{1F600}'],
    ],
  ])('the prefixes %j are walked as %j', (prefixes, merged) => {
    const rules = prefixes.map((prefix) => ruleFor(prefix, days))
    expect(phasesOf(newConfiguration(rules), 'off')[0]?.prefixes).toEqual(merged)
  })

  it('each walk is as wide as its own rules', () => {
    const rules = [ruleFor('a', days), ruleFor('b', old), ruleFor('c', { abortIncompleteDays: 1 })]
    const found = phasesOf(newConfiguration(rules), 'enabled').map(({ kind, prefixes }) => [kind, prefixes])
    expect(found).toEqual([
      ['current', ['a']],
      ['history', ['a', 'b']],
      ['uploads', ['c']],
    ])
  })
})
