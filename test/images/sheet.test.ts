import { expect, it } from 'vitest'
import { SECTIONS } from '../../bench/sheet-cells.ts'
import { readDirective } from '../../src/s3/process/directive.ts'
import { OPERATORS } from '../../src/s3/process/operators.ts'
import { gallery } from './gallery.ts'

it('shows every operator, and every picture of the gallery', async () => {
  const cells = SECTIONS.flatMap((section) => section.cells)
  const shown = new Set(cells.flatMap(({ directive }) => readDirective(directive).map(({ operator }) => operator)))
  expect([...shown].toSorted()).toEqual(Object.keys(OPERATORS).toSorted())
  const sources = new Set(cells.map(({ source }) => source))
  const pictures = [...(await gallery()).keys()].filter((key) => key !== 'gradient.png')
  expect(pictures.filter((key) => !sources.has(key))).toEqual([])
})
