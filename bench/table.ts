// A benchmark's rows, and the table they make.

export interface Row {
  readonly name: string
  /** What was reached, with its unit. */
  readonly reached: string
  /** The aim, where there is one, and whether it was met. */
  readonly aim?: { readonly text: string; readonly met: boolean }
}

export function markdown(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const verdict = row.aim === undefined ? '' : row.aim.met ? 'yes' : '**no**'
    return `| ${row.name} | ${row.reached} | ${row.aim?.text ?? ''} | ${verdict} |`
  })
  return ['| row | reached | aim | met |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
