import { ExifBlock, type ExifField } from './exif-fields.ts'
import { EXIF_POINTER, GPS_POINTER, GPS_TAGS, IMAGE_TAGS, PHOTO_TAGS, type TagNames } from './exif-tags.ts'

/** Of one value; notes of makers are longer and mean nothing to others. */
const TEXT_CHARS_MAX = 1_024
const VALUES_MAX = 64
/** `UserComment` begins with the name of its alphabet. */
const ALPHABET_BYTES = 8
const COMMENTS = ['UserComment', 'GPSProcessingMethod', 'GPSAreaInformation']
const DIRECTIONS: Readonly<Partial<Record<string, string>>> = { N: 'North', S: 'South', E: 'East', W: 'West' }
const ANGLES = /^GPS(?:Dest)?(?:Latitude|Longitude)$/
const ANGLE_REFS = /^GPS(?:Dest)?(?:Latitude|Longitude)Ref$/
/** Of degrees, minutes and seconds: the unit, and the digits behind the point of a fraction. */
const UNITS = [
  ['deg', 7],
  ["'", 5],
  ['"', 3],
] as const

/**
 * EXIF as text by the names of its tags, written as OSS's answers to `info` write it: `96/1`, `2 2 0 0`,
 * `48deg 51' 30.500"`, `North`. Of damaged EXIF what can be read. The picture's own tags come before its thumbnail's.
 */
export function readExif(bytes: Buffer): Readonly<Record<string, string>> {
  const block = ExifBlock.of(bytes)
  if (block === undefined) return {}
  const image = block.first()
  const behind = (pointer: number): readonly ExifField[] => {
    const field = image.fields.find(({ tag }) => tag === pointer)
    return field === undefined ? [] : block.directory(block.number(field) ?? 0).fields
  }
  return {
    ...textsOf(block, block.directory(image.next).fields, IMAGE_TAGS),
    ...textsOf(block, behind(GPS_POINTER), GPS_TAGS),
    ...textsOf(block, behind(EXIF_POINTER), PHOTO_TAGS),
    ...textsOf(block, image.fields, IMAGE_TAGS),
  }
}

function textsOf(block: ExifBlock, fields: readonly ExifField[], names: TagNames): Record<string, string> {
  const entries = fields.flatMap((field) => {
    const name = names[field.tag]
    const text = name === undefined ? '' : textOf(block, field, name)
    return name === undefined || text === '' ? [] : [[name, text] as const]
  })
  return Object.fromEntries(entries)
}

function textOf(block: ExifBlock, field: ExifField, name: string): string {
  const { type, count, at } = field
  if (type === 2 || type === 7) return plain(block.bytes.subarray(at, at + Math.min(count, TEXT_CHARS_MAX)), name, type)
  if (count > VALUES_MAX) return ''
  if (ANGLES.test(name) && type === 5 && count === 3) return angle(block, at)
  return Array.from({ length: count }, (_, index) => oneOf(block, field, index)).join(' ')
}

/** ASCII, or bytes whose meaning is the tag's: text where they are printable, numbers otherwise. */
function plain(bytes: Buffer, name: string, type: number): string {
  const hasAlphabet = COMMENTS.includes(name) && type === 7
  const text = (hasAlphabet ? bytes.subarray(ALPHABET_BYTES) : bytes).toString('utf8').replace(/\0+$/, '').trim()
  if (ANGLE_REFS.test(name)) return DIRECTIONS[text] ?? text
  const isText = !/[^\P{Cc}\t\n\r]|\ufffd/u.test(text)
  if (isText) return text
  return type === 7 && bytes.length <= VALUES_MAX ? [...bytes].join(' ') : ''
}

function oneOf(block: ExifBlock, { type, at }: ExifField, index: number): string {
  const { bytes } = block
  switch (type) {
    case 1:
      return String(bytes.readUInt8(at + index))
    case 3:
      return String(block.u16(at + 2 * index))
    case 4:
      return String(block.u32(at + 4 * index))
    case 5:
      return `${block.u32(at + 8 * index)}/${block.u32(at + 8 * index + 4)}`
    case 6:
      return String(bytes.readInt8(at + index))
    case 8:
      return String((block.u16(at + 2 * index) << 16) >> 16)
    case 9:
      return String(block.i32(at + 4 * index))
    case 10:
      return `${block.i32(at + 8 * index)}/${block.i32(at + 8 * index + 4)}`
    case 11:
      return String(block.float(at + 4 * index))
    default:
      return String(block.double(at + 8 * index))
  }
}

/** Degrees, minutes and seconds, as far as they are not zero at the end. */
function angle(block: ExifBlock, at: number): string {
  const parts = UNITS.map(([unit, digits], index) => {
    const [over, under] = [block.u32(at + 8 * index), block.u32(at + 8 * index + 4)]
    const number = under === 0 ? `${over}/${under}` : (over / under).toFixed(over % under === 0 ? 0 : digits)
    return { over, text: `${number}${unit}` }
  })
  const last = parts.findLastIndex(({ over }) => over !== 0)
  return parts
    .slice(0, Math.max(1, last + 1))
    .map(({ text }) => text)
    .join(' ')
}
