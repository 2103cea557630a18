/** Columns, each as wide as its widest cell; two blanks between them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** Names and values below each other; empty values are left out. */
export function fields(pairs: readonly (readonly [name: string, value: string])[]): string {
  const shown = pairs.filter(([, value]) => value !== '')
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}\n`).join('')
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const STEP = 1024

/** `12 B`, `3.4 MiB` */
export function bytesText(bytes: number): string {
  let amount = bytes
  let unit = 'B'
  for (const next of UNITS) {
    if (amount < STEP) break
    amount /= STEP
    unit = next
  }
  return `${unit === 'B' ? amount : amount.toFixed(1)} ${unit}`
}

const LETTERS = 'kmgtp'

/** `1000`, `64KiB`, `10G`; undefined for what is none. */
export function parseBytes(text: string): number | undefined {
  const [, digits, letter = ''] = /^(\d+)\s*(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const power = letter === '' ? 0 : 1 + LETTERS.indexOf(letter.toLowerCase())
  const bytes = Number(digits) * STEP ** power
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
