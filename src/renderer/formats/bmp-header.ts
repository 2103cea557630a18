import type { Size } from '../plan.ts'
import { RenderFailed } from '../renderer.ts'

// Windows bitmaps as Microsoft's "Bitmap Storage" describes them, with the headers of OS/2, too. sharp's binaries read
// none; the libraries for it either read few depths or believe the lengths that a file gives. No length is used here
// before it has been compared with the bytes that there are.

/** `BITMAPFILEHEADER`. */
const FILE_HEADER_BYTES = 14
/** `BITMAPCOREHEADER` of OS/2: sides of 16 bits, and colours of three bytes. */
const CORE_BYTES = 12
/** `BITMAPINFOHEADER`. */
const INFO_BYTES = 40
/** With masks for three and for four channels, `OS22XBITMAPHEADER` in short and full, and versions 4 and 5. */
const HEADER_BYTES: readonly number[] = [CORE_BYTES, 16, INFO_BYTES, 52, 56, 64, 108, 124]
/** From here on the header itself has the masks. */
const MASKED_BYTES = 52
const ALPHA_MASKED_BYTES = 56
const OS2_BYTES = 64

const RGB = 0
const RLE8 = 1
const RLE4 = 2
const BITFIELDS = 3
const ALPHA_BITFIELDS = 6

/** Of 16 bits without masks: five each. */
const MASKS_16 = [0x7c00, 0x03e0, 0x001f, 0]
const MASKS_32 = [0x00ff0000, 0x0000ff00, 0x000000ff, 0]

export type BmpDepth = 1 | 4 | 8 | 16 | 24 | 32

export interface BmpHeader extends Size {
  readonly depth: BmpDepth
  readonly isRunLength: boolean
  /** Whether the first row is the uppermost one. */
  readonly isTopDown: boolean
  /** Where the pixels begin. */
  readonly offset: number
  /** Of depths up to 8. */
  readonly palette: BmpPalette | undefined
  /** Of depths 16 and 32: red, green, blue and alpha; 0 where there is none. */
  readonly masks: readonly number[] | undefined
  readonly hasAlpha: boolean
}

export interface BmpPalette {
  readonly offset: number
  readonly colours: number
  /** Of one colour: blue, green, red, and perhaps nothing. */
  readonly bytes: 3 | 4
}

/** @throws RenderFailed `not-a-picture`, `damaged`, `unsupported` */
export function readBmpHeader(bytes: Buffer): BmpHeader {
  if (bytes.length < FILE_HEADER_BYTES + CORE_BYTES) throw new RenderFailed('not-a-picture', 'This is not a picture.')
  const headerBytes = bytes.readUInt32LE(FILE_HEADER_BYTES)
  if (!HEADER_BYTES.includes(headerBytes)) throw new RenderFailed('not-a-picture', 'This is not a picture.')
  if (bytes.length < FILE_HEADER_BYTES + headerBytes) throw damaged('its header is cut off')
  const fields = readFields(bytes.subarray(FILE_HEADER_BYTES, FILE_HEADER_BYTES + headerBytes))
  const { depth, compression } = fields
  const masks = depth === 16 || depth === 32 ? readMasks(bytes, headerBytes, fields) : undefined
  const ownMasks = headerBytes === INFO_BYTES ? maskBytes(compression) : 0
  const afterHeader = FILE_HEADER_BYTES + headerBytes + ownMasks
  const offset = bytes.readUInt32LE(10)
  if (offset < afterHeader || offset >= bytes.length) throw damaged('its pixels are not in the file')
  return {
    ...fields,
    isRunLength: compression === RLE8 || compression === RLE4,
    offset,
    palette: depth <= 8 ? paletteOf(afterHeader, offset, { ...fields, headerBytes }) : undefined,
    masks,
    hasAlpha: (masks?.[3] ?? 0) !== 0,
  }
}

interface Fields extends Size {
  readonly isTopDown: boolean
  readonly depth: BmpDepth
  readonly compression: number
  /** 0: as many as the depth has. */
  readonly coloursUsed: number
}

function readFields(header: Buffer): Fields {
  const isCore = header.length === CORE_BYTES
  const width = isCore ? header.readUInt16LE(4) : header.readInt32LE(4)
  const height = isCore ? header.readUInt16LE(6) : header.readInt32LE(8)
  const depth = depthOf(header.readUInt16LE(isCore ? 10 : 14))
  // A short header of OS/2 leaves the rest out, which is zero then.
  const compression = header.length >= INFO_BYTES ? header.readUInt32LE(16) : RGB
  const coloursUsed = header.length >= INFO_BYTES ? header.readUInt32LE(32) : 0
  if (width <= 0 || height === 0) throw damaged(`it has ${width} × ${height} pixels`)
  assertCompression(compression, { depth, isOs2: header.length === OS2_BYTES })
  const isTopDown = height < 0
  if (isTopDown && (compression === RLE8 || compression === RLE4)) throw damaged('its runs are upside down')
  return { width, height: Math.abs(height), isTopDown, depth, compression, coloursUsed }
}

function depthOf(bits: number): BmpDepth {
  if (bits === 1 || bits === 4 || bits === 8 || bits === 16 || bits === 24 || bits === 32) return bits
  throw new RenderFailed('unsupported', `A BMP of ${bits} bits to the pixel is not processed.`)
}

interface Kind {
  readonly depth: BmpDepth
  /** OS/2 gives 3 and 4 a meaning of its own. */
  readonly isOs2: boolean
}

function assertCompression(compression: number, { depth, isOs2 }: Kind): void {
  const depths: Readonly<Partial<Record<number, readonly BmpDepth[]>>> = {
    [RGB]: [1, 4, 8, 16, 24, 32],
    [RLE8]: [8],
    [RLE4]: [4],
    [BITFIELDS]: isOs2 ? [] : [16, 32],
    [ALPHA_BITFIELDS]: isOs2 ? [] : [16, 32],
  }
  if (depths[compression]?.includes(depth) === true) return
  throw new RenderFailed('unsupported', `A BMP of compression ${compression} and ${depth} bits is not processed.`)
}

/** Behind a header of the first version. */
function maskBytes(compression: number): number {
  return compression === BITFIELDS ? 12 : compression === ALPHA_BITFIELDS ? 16 : 0
}

function readMasks(bytes: Buffer, headerBytes: number, { depth, compression }: Fields): readonly number[] {
  if (compression === RGB) return depth === 16 ? MASKS_16 : MASKS_32
  const at = FILE_HEADER_BYTES + INFO_BYTES
  const hasAlpha = headerBytes >= ALPHA_MASKED_BYTES || compression === ALPHA_BITFIELDS
  const count = hasAlpha ? 4 : 3
  if (headerBytes < MASKED_BYTES && bytes.length < at + 4 * count) throw damaged('its masks are cut off')
  const masks = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(at + 4 * index))
  if (masks.some((mask) => !isContiguous(mask) || (depth === 16 && mask > 0xffff))) throw damaged('its masks are none')
  return hasAlpha ? masks : [...masks, 0]
}

/** One run of ones, or none. */
function isContiguous(mask: number): boolean {
  const lowest = (mask & -mask) >>> 0
  return mask === 0 || Number.isInteger(Math.log2(mask / lowest + 1))
}

interface PaletteKind extends Fields {
  readonly headerBytes: number
}

/** What has no room before the pixels is not there: such colours are black. */
function paletteOf(at: number, end: number, { headerBytes, depth, coloursUsed }: PaletteKind): BmpPalette {
  const bytes = headerBytes === CORE_BYTES ? 3 : 4
  const all = 2 ** depth
  const used = coloursUsed === 0 ? all : Math.min(coloursUsed, all)
  return { offset: at, colours: Math.min(used, Math.floor((end - at) / bytes)), bytes }
}

export function damaged(why: string): RenderFailed {
  return new RenderFailed('damaged', `The BMP is damaged: ${why}.`)
}
