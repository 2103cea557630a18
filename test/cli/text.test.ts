import { describe, expect, it } from 'vitest'
import { bytesText, fields, parseBytes, table } from '../../src/cli/text.ts'

describe('table', () => {
  it('has columns as wide as their cells, and no blanks at its ends', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['a', 'long name'],
          ['longer', ''],
        ],
      ),
    ).toBe('ID      NAME\na       long name\nlonger\n')
    expect(table(['ID'], [])).toBe('ID\n')
  })
})

describe('fields', () => {
  it('leave out what is empty', () => {
    expect(
      fields([
        ['id', 'a'],
        ['empty', ''],
        ['name', 'b'],
      ]),
    ).toBe('id:   a\nname: b\n')
  })
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_500_000, '1.4 MiB'],
    [10 * 1024 ** 3, '10.0 GiB'],
    [3 * 1024 ** 6, '3072.0 PiB'],
  ])('%i are shown as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })

  it.each([
    ['0', 0],
    ['1000', 1000],
    ['7B', 7],
    ['1k', 1024],
    ['64KiB', 65_536],
    ['10 GB', 10 * 1024 ** 3],
    ['2T', 2 * 1024 ** 4],
    ['9000000P', undefined],
    ['-1', undefined],
    ['1.5G', undefined],
    ['many', undefined],
    ['', undefined],
  ])('%j is read as %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })
})
