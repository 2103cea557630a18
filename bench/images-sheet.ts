// npm run images:sheet [-- file.png]: has a server process pictures with every operator, and lays the results out on
// one sheet, each under its directive, for a person to look at.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gallery, ghost, png } from '../test/images/gallery.ts'
import { startCozos } from './process.ts'
import { send } from './requests.ts'
import { type Cell, SECTIONS } from './sheet-cells.ts'
import { type Drawn, drawCell, drawSheet } from './sheet-drawing.ts'

const BUCKET = '/sheet'
const LOGO = { width: 60, height: 60 }

const file = resolve(process.argv[2] ?? 'images-sheet.png')
const dir = mkdtempSync(join(tmpdir(), 'cozos-sheet-'))
const cozos = await startCozos(dir, { COZOS_DIALECT: 'zos' })
try {
  await store(cozos.port)
  const refused: string[] = []
  const sections: { title: string; cells: Drawn[] }[] = []
  for (const { title, cells } of SECTIONS) {
    const drawn: Drawn[] = []
    for (const cell of cells) drawn.push(await drawCell(cell, await answer(cozos.port, cell, refused)))
    sections.push({ title, cells: drawn })
  }
  writeFileSync(file, await drawSheet(sections))
  console.log(`${sections.reduce((sum, { cells }) => sum + cells.length, 0)} results in ${file}`)
  for (const text of refused) console.error(text)
  process.exitCode = refused.length === 0 ? 0 : 1
} finally {
  await cozos.stop()
  rmSync(dir, { recursive: true, force: true })
}

async function store(port: number): Promise<void> {
  await send({ port, method: 'PUT', path: BUCKET })
  const files = new Map([...(await gallery()), ['logo.png', await png(ghost(LOGO))]])
  for (const [key, body] of files) await send({ port, method: 'PUT', path: `${BUCKET}/${key}`, body })
}

/** Undefined, and a line for the console, where the server refuses it: there is no such cell. */
async function answer(port: number, { source, directive }: Cell, refused: string[]): Promise<Buffer | undefined> {
  const query = `x-zos-process=${encodeURIComponent(directive)}`
  try {
    const response = await send({ port, method: 'GET', path: `${BUCKET}/${source}`, query })
    return Buffer.from(await response.arrayBuffer())
  } catch (cause) {
    const code = /<Code>(.*?)<\/Code><Message>(.*?)<\/Message>/.exec(String(cause))
    refused.push(`${source} ${directive}: ${code?.[1] ?? String(cause)}: ${code?.[2] ?? ''}`)
    return undefined
  }
}
