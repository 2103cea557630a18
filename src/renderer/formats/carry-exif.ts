import { crc32 } from 'node:zlib'
import type { PictureFormat, Size } from '../plan.ts'
import { ExifBlock } from './exif-fields.ts'
import {
  EXIF_POINTER,
  ORIENTATION,
  PIXEL_X_DIMENSION,
  PIXEL_Y_DIMENSION,
  THUMBNAIL_LENGTH,
  THUMBNAIL_OFFSET,
} from './exif-tags.ts'

/** A segment of JPEG holds so much, of which two bytes are its length. */
const SEGMENT_BYTES_MAX = 65_535
const WRAPPER = Buffer.from('Exif\0\0', 'latin1')

export interface Carried {
  readonly format: PictureFormat
  /** The result's. */
  readonly size: Size
  /** Whether the pixels have been turned as EXIF says, which must not be said again. */
  readonly isOriented: boolean
}

/**
 * An encoded picture with the EXIF of the one that it comes from; as it was, where the format or the length leave no
 * place for it. The thumbnail, which shows the picture as it had been, is left out.
 */
export function carryExif(encoded: Buffer, exif: Buffer, carried: Carried): Buffer {
  const put = PLACES[carried.format]
  const block = put === undefined ? undefined : adapted(exif, carried)
  return block === undefined || put === undefined ? encoded : put(encoded, block, carried.size)
}

function adapted(exif: Buffer, { size, isOriented }: Carried): Buffer | undefined {
  const block = ExifBlock.of(Buffer.from(exif))
  if (block === undefined) return undefined
  const image = block.first()
  dropThumbnail(block)
  const orientation = image.fields.find(({ tag }) => tag === ORIENTATION)
  if (isOriented && orientation !== undefined) block.setNumber(orientation, 1)
  const photo = image.fields.find(({ tag }) => tag === EXIF_POINTER)
  const dimensions = photo === undefined ? [] : block.directory(block.number(photo) ?? 0).fields
  for (const field of dimensions) {
    if (field.tag === PIXEL_X_DIMENSION) block.setNumber(field, size.width)
    if (field.tag === PIXEL_Y_DIMENSION) block.setNumber(field, size.height)
  }
  return block.bytes
}

/** Its directory is no longer pointed at, and its bytes are nothing: what was cut away must not be seen there. */
function dropThumbnail(block: ExifBlock): void {
  const { next, nextAt } = block.first()
  if (next === 0) return
  const thumbnail = block.directory(next).fields
  const [offset, length] = [THUMBNAIL_OFFSET, THUMBNAIL_LENGTH].map((wanted) => {
    const field = thumbnail.find(({ tag }) => tag === wanted)
    return field === undefined ? 0 : (block.number(field) ?? 0)
  })
  // Only a picture is emptied: an offset may point at anything.
  const isJpeg = block.bytes.toString('latin1', offset, (offset ?? 0) + 2) === '\xff\xd8'
  if (isJpeg) block.bytes.fill(0, offset, Math.min(block.bytes.length, (offset ?? 0) + (length ?? 0)))
  block.bytes.fill(0, nextAt, nextAt + 4)
}

type Put = (encoded: Buffer, block: Buffer, size: Size) => Buffer

const PLACES: Readonly<Partial<Record<PictureFormat, Put>>> = { jpg: intoJpg, png: intoPng, webp: intoWebp }

/** An APP1 segment right behind the beginning (CIPA DC-008, 4.5.4). */
function intoJpg(encoded: Buffer, block: Buffer): Buffer {
  const length = 2 + WRAPPER.length + block.length
  if (length > SEGMENT_BYTES_MAX) return encoded
  const head = Buffer.from([0xff, 0xe1, length >> 8, length & 255])
  return Buffer.concat([encoded.subarray(0, 2), head, WRAPPER, block, encoded.subarray(2)])
}

const PNG_HEADER_END = 8 + 25

/** An `eXIf` chunk, which may stand anywhere between the header and the end (PNG, third edition, 11.3.4.5). */
function intoPng(encoded: Buffer, block: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from('eXIf', 'latin1'), block])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(block.length)
  check.writeUInt32BE(crc32(typed))
  return Buffer.concat([encoded.subarray(0, PNG_HEADER_END), length, typed, check, encoded.subarray(PNG_HEADER_END)])
}

const RIFF_HEADER_BYTES = 12
const WEBP_EXIF_FLAG = 0x08
const WEBP_ALPHA_FLAG = 0x10

/** An `EXIF` chunk at the end, which a `VP8X` chunk at the beginning announces (RFC 9649, 2.7). */
function intoWebp(encoded: Buffer, block: Buffer, { width, height }: Size): Buffer {
  const kind = encoded.toString('latin1', RIFF_HEADER_BYTES, RIFF_HEADER_BYTES + 4)
  const isExtended = kind === 'VP8X'
  const extended = isExtended
    ? Buffer.from(encoded.subarray(RIFF_HEADER_BYTES, RIFF_HEADER_BYTES + 18))
    : Buffer.alloc(18)
  if (!isExtended) {
    extended.write('VP8X', 0, 'latin1')
    extended.writeUInt32LE(10, 4)
    // A lossless picture says in its own header whether it has alpha (RFC 9649, 3.4).
    if (kind === 'VP8L' && ((encoded[RIFF_HEADER_BYTES + 12] ?? 0) & 0x10) !== 0) extended[8] = WEBP_ALPHA_FLAG
    extended.writeUIntLE(width - 1, 12, 3)
    extended.writeUIntLE(height - 1, 15, 3)
  }
  extended[8] = (extended[8] ?? 0) | WEBP_EXIF_FLAG
  const rest = encoded.subarray(RIFF_HEADER_BYTES + (isExtended ? 18 : 0))
  const head = Buffer.alloc(8)
  head.write('EXIF', 0, 'latin1')
  head.writeUInt32LE(block.length, 4)
  const padding = Buffer.alloc(block.length % 2)
  const riff = Buffer.from(encoded.subarray(0, RIFF_HEADER_BYTES))
  riff.writeUInt32LE(4 + extended.length + rest.length + head.length + block.length + padding.length, 4)
  return Buffer.concat([riff, extended, rest, head, block, padding])
}
