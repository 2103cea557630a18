// npm run bench [-- small images startup] [--write]: measures what is named (default: all), prints a table, and with
// --write puts it into bench/README.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encrypted } from './encrypted.ts'
import { events } from './events.ts'
import { images } from './images.ts'
import { large } from './large.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { notifications } from './notifications.ts'
import { start, startCozos } from './process.ts'
import { small } from './small.ts'
import { startup } from './startup.ts'
import { markdown, type Row } from './table.ts'

const BEGIN = '<!-- table:begin -->'
const END = '<!-- table:end -->'

const GROUPS: Readonly<Record<string, (dir: string) => Promise<Row[]>>> = {
  startup,
  small: async (dir) => {
    const [cozos, bare] = await Promise.all([startCozos(join(dir, 'small')), start('bench/bare.ts')])
    try {
      return await small(cozos, bare)
    } finally {
      await Promise.all([cozos.stop(), bare.stop()])
    }
  },
  list: (dir) => list(join(dir, 'list')),
  lifecycle: (dir) => lifecycle(join(dir, 'lifecycle')),
  encrypted: async (dir) => {
    const cozos = await startCozos(join(dir, 'encrypted'))
    try {
      return await encrypted(cozos)
    } finally {
      await cozos.stop()
    }
  },
  events: async (dir) => {
    const cozos = await startCozos(join(dir, 'events'))
    try {
      return await events(cozos)
    } finally {
      await cozos.stop()
    }
  },
  notifications: (dir) => notifications(join(dir, 'notifications')),
  images: (dir) => images(join(dir, 'images')),
  large: async (dir) => {
    const cozos = await startCozos(join(dir, 'large'))
    try {
      return await large(cozos)
    } finally {
      await cozos.stop()
    }
  },
}

const flags = process.argv.slice(2)
const named = flags.filter((flag) => !flag.startsWith('--'))
const dir = mkdtempSync(join(tmpdir(), 'cozos-bench-'))
try {
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (named.length > 0 && !named.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    rows.push(...(await measure(dir)))
  }
  const table = markdown(rows)
  console.log(table)
  if (flags.includes('--write')) writeInto(join(import.meta.dirname, 'README.md'), table)
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function writeInto(file: string, table: string): void {
  const text = readFileSync(file, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`${file} has no ${BEGIN} … ${END}`)
  writeFileSync(file, `${before}${BEGIN}\n${table}\n${END}${after}`)
}
