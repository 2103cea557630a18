import { describe, expect, it } from 'vitest'
import type { Directive } from '../../../src/domain/images/directive.ts'
import { renderingRef } from '../../../src/domain/images/rendering-ref.ts'
import type { VersionRow } from '../../../src/storage/metadata/rows.ts'
import { resized } from '../../support/pictures.ts'
import { newVersion } from '../../support/rows.ts'

const row = (id: number, key: string): VersionRow => ({ ...newVersion(1, key), id, isLatest: true })
const source = row(7, 'picture')
const [logo, stamp] = [row(8, 'logo'), row(9, 'stamp')]
const refOf = (directive: Directive, overlays: readonly VersionRow[] = [], of = source) =>
  renderingRef({ source: of, overlays, directive })

describe('what a rendering is kept under', () => {
  it('is the version and a digest', () => {
    expect(refOf(resized(1))).toEqual({ sourceId: 7, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(refOf(resized(1), [], row(6, 'picture')).sourceId).toBe(6)
  })

  it('does not depend on how the directive was put together', () => {
    const first: Directive = [{ operator: 'blur', radius: 1, sigma: 2 }]
    const second: Directive = [{ sigma: 2, radius: 1, operator: 'blur' }]
    expect(refOf(second)).toEqual(refOf(first))
    expect(refOf(first, [stamp, logo, logo])).toEqual(refOf(first, [logo, stamp]))
  })

  it.each([
    ['a value', [{ operator: 'blur', radius: 1, sigma: 3 }], []],
    ['an operator', [{ operator: 'sharpen', amount: 1 }], []],
    ['the order', [{ operator: 'strip' }, { operator: 'blur', radius: 1, sigma: 2 }], []],
    ['an overlay', [{ operator: 'blur', radius: 1, sigma: 2 }], [logo]],
    ['an overlay that was replaced', [{ operator: 'blur', radius: 1, sigma: 2 }], [row(10, 'logo')]],
  ] satisfies [string, Directive, VersionRow[]][])('depends on %s', (_case, directive, overlays) => {
    const seen = [
      refOf([{ operator: 'blur', radius: 1, sigma: 2 }]).digest,
      refOf([{ operator: 'blur', radius: 1, sigma: 2 }, { operator: 'strip' }], []).digest,
      refOf([{ operator: 'blur', radius: 1, sigma: 2 }], [row(11, 'logo')]).digest,
    ]
    expect(seen).not.toContain(refOf(directive, overlays).digest)
  })
})
