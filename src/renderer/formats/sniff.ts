import type { PictureFormat } from '../plan.ts'

/** What begins a file, byte by byte; undefined where any byte may stand. */
const BEGINNINGS: readonly (readonly [PictureFormat, readonly (number | undefined)[]])[] = [
  ['jpg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', [...ascii('GIF8'), undefined, ...ascii('a')]],
  ['webp', [...ascii('RIFF'), undefined, undefined, undefined, undefined, ...ascii('WEBP')]],
  // Two letters are few: the reader looks at the header's length, too.
  ['bmp', ascii('BM')],
  ['tiff', [...ascii('II'), 0x2a, 0]],
  ['tiff', [...ascii('MM'), 0, 0x2a]],
  // BigTIFF.
  ['tiff', [...ascii('II'), 0x2b, 0]],
  ['tiff', [...ascii('MM'), 0, 0x2b]],
]

/** Pictures that are known by their beginning only to be refused by name. */
const FOREIGN: readonly (readonly [string, RegExp])[] = [
  ['AVIF', /^.{4}ftypavi[fs]/s],
  ['HEIF', /^.{4}ftyp(?:hei|hev|mif|msf)/s],
  ['JPEG 2000', /^(?:.{4}jP {2}|\xff\x4f\xff\x51)/s],
  ['JPEG XL', /^(?:\xff\n|.{4}JXL )/s],
  ['PDF', /^%PDF-/],
  ['Photoshop', /^8BPS/],
  ['SVG', /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!DOCTYPE svg)/],
]
const LONGEST = 64

/** The format of a file by its first bytes; undefined when it is none that is rendered. */
export function sniff(bytes: Buffer): PictureFormat | undefined {
  const isOf = (beginning: readonly (number | undefined)[]): boolean =>
    beginning.every((byte, at) => byte === undefined || byte === bytes[at])
  return BEGINNINGS.find(([, beginning]) => isOf(beginning))?.[0]
}

/** The name of a format that is not rendered. */
export function sniffForeign(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1', 0, LONGEST)
  return FOREIGN.find(([, beginning]) => beginning.test(text))?.[0]
}

function ascii(text: string): readonly number[] {
  return [...Buffer.from(text, 'latin1')]
}
