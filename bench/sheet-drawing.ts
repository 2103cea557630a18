// How the sheet is drawn, with the renderer's own text.

import sharp, { type OverlayOptions, type Sharp } from 'sharp'
import { readBmpHeader } from '../src/renderer/formats/bmp-header.ts'
import { readBmpPixels } from '../src/renderer/formats/bmp-pixels.ts'
import type { Color, Size } from '../src/renderer/plan.ts'
import { svgOf, Typesetter } from '../src/renderer/text/typesetter.ts'
import type { Cell } from './sheet-cells.ts'

const COLUMNS = 6
const GAP = 12
/** What a result is shown at its own size in; what is larger is made smaller. */
const BOX: Size = { width: 244, height: 190 }
const LABEL_SIZE = 12
const LINE_HEIGHT = 16
const LABEL_LINES_MAX = 4
const TITLE_SIZE = 22
const TITLE_HEIGHT = 34
/** The squares behind what is transparent. */
const SQUARE = 8

const INK: Color = { red: 20, green: 20, blue: 30 }
const GREY: Color = { red: 110, green: 110, blue: 120 }
const ALARM: Color = { red: 210, green: 0, blue: 0 }

const typesetter = new Typesetter()

/** A picture of one result and its label. */
export interface Drawn {
  readonly input: Buffer
  readonly height: number
}

/** @param result undefined where there is none */
export async function drawCell({ label }: Cell, result: Buffer | undefined): Promise<Drawn> {
  const shown = result === undefined ? drawnLines(['refused'], ALARM) : await drawResult(result)
  const note = textAt(shown.note, { left: 0, top: shown.height + 2, color: GREY })
  const top = shown.height + 2 + (shown.note === '' ? 0 : LINE_HEIGHT)
  const lines = wrapped(label).map((line, index) =>
    textAt(line, { left: 0, top: top + LINE_HEIGHT * index, color: INK }),
  )
  const height = top + LINE_HEIGHT * lines.length
  const cell = canvas({ width: BOX.width, height }).composite([...shown.layers, note, ...lines])
  return { input: await cell.png().toBuffer(), height }
}

interface Shown {
  readonly layers: OverlayOptions[]
  readonly height: number
  readonly note: string
}

async function drawResult(result: Buffer): Promise<Shown> {
  if (result[0] === '{'.charCodeAt(0)) return drawAnswer(result.toString())
  const { pipeline, note } = await decoded(result)
  const { data, info } = await pipeline
    .resize({ ...BOX, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer({ resolveWithObject: true })
  const layers = [squares(info), data].map((input) => ({ input, left: 0, top: 0 }))
  return { layers, height: info.height, note }
}

async function decoded(result: Buffer): Promise<{ pipeline: Sharp; note: string }> {
  if (result.toString('latin1', 0, 2) === 'BM') {
    const { data, ...raw } = readBmpPixels(result, readBmpHeader(result))
    return { pipeline: sharp(data, { raw }), note: `bmp ${raw.width} × ${raw.height}, ${result.length} bytes` }
  }
  const { format, width, height, pages = 1, pageHeight } = await sharp(result).metadata()
  const frames = pages > 1 ? `, ${pages} frames` : ''
  const note = `${format} ${width} × ${pageHeight ?? height}${frames}, ${result.length} bytes`
  // Of an animation its last frame: the first is what a renderer that forgets the others would show, too.
  return { pipeline: sharp(result, { page: pages - 1 }), note }
}

/** A question's answer as text; of a hue with its colour. */
function drawAnswer(json: string): Shown {
  const hue = /0x([0-9a-f]{6})/.exec(json)?.[1]
  const swatch = `<rect y="${LINE_HEIGHT + 4}" width="120" height="60" fill="#${hue}"/>`
  const layers = hue === undefined ? [] : [{ input: svg({ width: 120, height: 100 }, swatch), left: 0, top: 0 }]
  const text = drawnLines(json.match(/"\w+":(?:\{[^}]*\}|"[^"]*")/g) ?? [json], INK)
  const height = Math.max(text.height, hue === undefined ? 0 : 100)
  return { layers: [...layers, ...text.layers], height, note: `${json.length} bytes of JSON` }
}

function drawnLines(lines: readonly string[], color: Color): Shown {
  const layers = lines.map((line, index) => textAt(line, { left: 0, top: LINE_HEIGHT * index, color }))
  return { layers, height: LINE_HEIGHT * lines.length, note: '' }
}

export async function drawSheet(sections: readonly { title: string; cells: readonly Drawn[] }[]): Promise<Buffer> {
  const layers: OverlayOptions[] = []
  let top = GAP
  for (const { title, cells } of sections) {
    layers.push(textAt(title, { left: GAP, top, color: INK, size: TITLE_SIZE, width: COLUMNS * BOX.width }))
    top += TITLE_HEIGHT
    for (let at = 0; at < cells.length; at += COLUMNS) {
      const row = cells.slice(at, at + COLUMNS)
      row.forEach(({ input }, index) => {
        layers.push({ input, left: GAP + index * (BOX.width + GAP), top })
      })
      top += Math.max(...row.map(({ height }) => height)) + GAP
    }
  }
  const size = { width: COLUMNS * (BOX.width + GAP) + GAP, height: top }
  return await canvas(size).composite(layers).png().toBuffer()
}

interface At {
  readonly left: number
  readonly top: number
  readonly color: Color
  readonly size?: number
  /** What is wider is cut off. */
  readonly width?: number
}

function textAt(
  text: string,
  { left, top, color, size = LABEL_SIZE, width: widthMax = BOX.width }: At,
): OverlayOptions {
  const laid = layOut(text, size, color)
  const width = Math.min(laid.size.width, widthMax)
  return { input: Buffer.from(svgOf(laid, { left: 0, top: 0, width, height: laid.size.height })), left, top }
}

function layOut(text: string, size: number, color: Color) {
  return typesetter.layOut({ text: text === '' ? ' ' : text, face: 'sans', size, color, degrees: 0 })
}

/** Broken behind what separates its parts; a part that is wider than a line, anywhere. */
function wrapped(label: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  const isWide = (text: string): boolean => layOut(text, LABEL_SIZE, INK).size.width > BOX.width
  for (const part of label.split(/(?<=[,/ =])/u).flatMap((whole) => (isWide(whole) ? [...whole] : [whole]))) {
    if (line !== '' && isWide(line + part)) {
      lines.push(line)
      line = ''
    }
    line += part
  }
  return [...lines, line].slice(0, LABEL_LINES_MAX)
}

function canvas({ width, height }: Size): Sharp {
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
}

function squares({ width, height }: Size): Buffer {
  const two = SQUARE * 2
  const path = `M0 0h${SQUARE}v${SQUARE}H0zM${SQUARE} ${SQUARE}h${SQUARE}v${SQUARE}h-${SQUARE}z`
  const pattern =
    `<pattern id="p" width="${two}" height="${two}" patternUnits="userSpaceOnUse">` +
    `<path d="${path}" fill="#bbb"/></pattern>`
  const rest = `<rect width="${width}" height="${height}" fill="#eee"/><rect width="${width}" height="${height}" fill="url(#p)"/>`
  return svg({ width, height }, pattern + rest)
}

function svg({ width, height }: Size, content: string): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`)
}
