// Characters of GB2312 by its rows, and of the neighbouring sets.

export const SYMBOL_ROWS = [0xa1, 0xa9] as const
export const LEVEL_1_ROWS = [0xb0, 0xd7] as const
export const HANZI_ROWS = [0xb0, 0xf7] as const

const gbk = new TextDecoder('gbk')

/** Rows as the EUC form numbers them, both ends included. What no standard has assigned is left out. */
export function gb2312Of([first, last]: readonly [number, number]): string[] {
  return cells(first, last)
    .map((cell) => gbk.decode(cell))
    .filter((text) => [...text].length === 1 && !/[\ufffd\ue000-\uf8ff]/.test(text))
}

export const asciiOf = (): string[] => range(0x20, 0x7e)
/** Without the soft hyphen, which is not to be seen. */
export const latin1Of = (): string[] => range(0xa0, 0xff).filter((character) => character !== '\u00ad')
export const wideOf = (): string[] => [...range(0xff01, 0xff5e), '\u3000']

function cells(first: number, last: number): Uint8Array[] {
  const rows = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return rows.flatMap((row) => Array.from({ length: 94 }, (_, index) => Uint8Array.of(row, 0xa1 + index)))
}

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))
}
