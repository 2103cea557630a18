// Files that are damaged, that lie, or that want more than they should.

import { crc32, deflateSync } from 'node:zlib'
import type { Random } from '../crash/random.ts'
import { oneOf } from './wild-directives.ts'

/** A file with an ending that may have nothing to do with it. */
export interface WildFile {
  readonly key: string
  readonly body: Buffer
}

type Change = (body: Buffer, random: Random, other: Buffer) => Buffer

const CHANGES: readonly Change[] = [
  // In what stands first, and anywhere.
  (body, random) => flipped(body, random, 200),
  (body, random) => flipped(body, random, body.length),
  (body, random) => body.subarray(0, random.between(0, body.length - 1)),
  (body, random) => body.subarray(0, random.between(0, Math.min(64, body.length))),
  (body, random) => body.subarray(random.between(1, 64)),
  (body, random, other) =>
    Buffer.concat([other.subarray(0, random.between(2, 64)), body.subarray(random.between(2, 64))]),
  (body, _random, other) => Buffer.concat([body, other]),
  (body, random, other) => Buffer.concat([body.subarray(0, random.between(0, body.length)), other]),
  (body, random) => overwritten(body, Buffer.alloc(random.between(1, 400)), random.between(0, body.length)),
  (body, random) => overwritten(body, Buffer.alloc(random.between(1, 8), 0xff), random.between(0, body.length)),
  // Lengths and sizes stand in the first bytes.
  (body, random) => overwritten(body, Buffer.alloc(4, oneOf(random, [0, 0x7f, 0x80, 0xff])), random.between(0, 64)),
  (body, random) => {
    const at = random.between(0, body.length)
    const piece = body.subarray(at, at + random.between(1, 600))
    return Buffer.concat([body.subarray(0, at), piece, body.subarray(at)])
  },
  // Nothing but its name is wrong.
  (body) => body,
]

/** A file of the gallery that has been changed, under any name. */
export function wildFile(random: Random, files: readonly Buffer[], number: number): WildFile {
  const body = oneOf(random, CHANGES)(oneOf(random, files), random, oneOf(random, files))
  return { key: `wild-${number}.${oneOf(random, ['jpg', 'png', 'webp', 'gif', 'bmp', 'tiff', 'txt', 'html'])}`, body }
}

function flipped(body: Buffer, random: Random, within: number): Buffer {
  const bytes = Buffer.from(body)
  const end = Math.min(bytes.length, within)
  for (let count = random.between(1, 20); count > 0; count -= 1) {
    const at = random.between(0, end - 1)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7))
  }
  return bytes
}

function overwritten(body: Buffer, piece: Buffer, at: number): Buffer {
  const bytes = Buffer.from(body)
  piece.copy(bytes, Math.min(at, bytes.length))
  return bytes
}

/** What somebody might make on purpose, by name. */
export function nastyFiles(pictures: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const of = (key: string): Buffer => pictures.get(key) ?? Buffer.alloc(0)
  const jpg = of('photo.jpg')
  const script = Buffer.from('<script>alert(1)</script>')
  const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex')
  return new Map([
    ['empty', Buffer.alloc(0)],
    ['one-byte', Buffer.from('B')],
    ['jpg-and-zip', Buffer.concat([jpg, zip])],
    ['gif-and-script', Buffer.concat([Buffer.from('GIF89a/*'), script, Buffer.from('*/=0;')])],
    ['pdf-and-jpg', Buffer.concat([Buffer.from('%PDF-1.4\n'), jpg])],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')],
    ['xml-bomb', Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "${'b'.repeat(9999)}">]><svg>&a;</svg>`)],
    ['pnm', Buffer.from('P6 9999 9999 255\n')],
    ['vips', Buffer.concat([Buffer.from('b6a6f208', 'hex'), Buffer.alloc(200, 1)])],
    ['png-too-wide', hugePng(2 ** 31 - 1, 1)],
    ['png-no-width', hugePng(0, 9)],
    ['png-too-many', hugePng(29_999, 29_999)],
    ['png-empty-rows', hugePng(20_000, 12_000)],
    // 30 KB that become 720 MB of pixels.
    ['png-bomb', hugePng(20_000, 12_000, (20_000 / 8 + 1) * 12_000)],
    ['gif-huge-screen', resizedGif(of('moving.gif'), 65_535)],
    [
      'bmp-huge',
      withInts(of('bmp-24.bmp'), [
        [18, 30_000],
        [22, 8_000],
      ]),
    ],
    [
      'bmp-negative',
      withInts(of('bmp-24.bmp'), [
        [18, -240],
        [22, -160],
      ]),
    ],
    [
      'bmp-smallest',
      withInts(of('bmp-24.bmp'), [
        [18, 1],
        [22, -(2 ** 31)],
      ]),
    ],
    ['bmp-far-pixels', withInts(of('bmp-24.bmp'), [[10, 2 ** 31 - 1]])],
    ['tiff-to-itself', loopedTiff()],
    ['webp-huge', withInts(of('moving.webp'), [[24, 0x3fff_ff]])],
  ])
}

function withInts(body: Buffer, values: readonly (readonly [at: number, value: number])[]): Buffer {
  const bytes = Buffer.from(body)
  for (const [at, value] of values) bytes.writeInt32LE(value, at)
  return bytes
}

/** Black, of one bit, and with so many bytes of pixels. */
function hugePng(width: number, height: number, bytes = 1024): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const rows = deflateSync(Buffer.alloc(bytes))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  check.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, check])
}

function resizedGif(body: Buffer, side: number): Buffer {
  const bytes = Buffer.from(body)
  bytes.writeUInt16LE(side, 6)
  bytes.writeUInt16LE(side, 8)
  return bytes
}

/** Its only directory says that it is followed by itself. */
function loopedTiff(): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 2 * 12 + 4)
  bytes.write('II*\0', 'latin1')
  bytes.writeUInt32LE(8, 4)
  bytes.writeUInt16LE(2, 8)
  const fields = [
    [256, 9],
    [257, 9],
  ] as const
  for (const [index, [tag, value]] of fields.entries()) {
    const at = 10 + 12 * index
    bytes.writeUInt16LE(tag, at)
    bytes.writeUInt16LE(4, at + 2)
    bytes.writeUInt32LE(1, at + 4)
    bytes.writeUInt32LE(value, at + 8)
  }
  bytes.writeUInt32LE(8, bytes.length - 4)
  return bytes
}
