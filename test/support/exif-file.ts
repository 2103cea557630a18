// Writes EXIF from what the standard says, for the tests of what reads it.

/** Tag, type, and the values; a rational is two of them. */
export type ExifEntry = readonly [tag: number, type: number, values: string | readonly number[]]

export interface ExifParts {
  readonly order: 'little' | 'big'
  readonly image: readonly ExifEntry[]
  readonly photo?: readonly ExifEntry[]
  readonly gps?: readonly ExifEntry[]
  readonly thumbnail?: readonly ExifEntry[]
  /** A JPEG. */
  readonly thumbnailBytes?: Buffer
}

const EXIF_POINTER = 0x8769
const GPS_POINTER = 0x8825
const THUMBNAIL_OFFSET = 0x0201
const THUMBNAIL_LENGTH = 0x0202
const SHORT = 3
const LONG = 4

export function exifOf({ order, image, photo, gps, thumbnail, thumbnailBytes }: ExifParts): Buffer {
  const isLittle = order === 'little'
  const header = Buffer.from(isLittle ? 'II*\0\x08\0\0\0' : 'MM\0*\0\0\0\x08', 'latin1')
  // Where a part begins is known once those before it are made; so the first one is made twice.
  const pointers = (photoAt: number, gpsAt: number): ExifEntry[] => [
    ...image,
    ...(photo === undefined ? [] : [[EXIF_POINTER, LONG, [photoAt]] as const]),
    ...(gps === undefined ? [] : [[GPS_POINTER, LONG, [gpsAt]] as const]),
  ]
  const imageBytes = directory(pointers(0, 0), { isLittle, at: 8, next: 0 }).length
  const photoAt = 8 + imageBytes
  const photoPart = photo === undefined ? Buffer.alloc(0) : directory(photo, { isLittle, at: photoAt, next: 0 })
  const gpsAt = photoAt + photoPart.length
  const gpsPart = gps === undefined ? Buffer.alloc(0) : directory(gps, { isLittle, at: gpsAt, next: 0 })
  const thumbnailAt = gpsAt + gpsPart.length
  const place = { isLittle, at: thumbnailAt, next: 0 }
  const located = (at: number): ExifEntry[] =>
    thumbnailBytes === undefined
      ? []
      : [
          [THUMBNAIL_OFFSET, LONG, [at]],
          [THUMBNAIL_LENGTH, LONG, [thumbnailBytes.length]],
        ]
  const directoryBytes = directory([...(thumbnail ?? []), ...located(0)], place).length
  const thumbnailPart = directory([...(thumbnail ?? []), ...located(thumbnailAt + directoryBytes)], place)
  const first = directory(pointers(photoAt, gpsAt), {
    isLittle,
    at: 8,
    next: thumbnail === undefined ? 0 : thumbnailAt,
  })
  const last = thumbnail === undefined ? [] : [thumbnailPart, thumbnailBytes ?? Buffer.alloc(0)]
  return Buffer.concat([header, first, photoPart, gpsPart, ...last])
}

interface Place {
  readonly isLittle: boolean
  /** Where the directory begins. */
  readonly at: number
  readonly next: number
}

function directory(entries: readonly ExifEntry[], { isLittle, at, next }: Place): Buffer {
  const word = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size)
    if (isLittle) bytes.writeUIntLE(value >>> 0, 0, size)
    else bytes.writeUIntBE(value >>> 0, 0, size)
    return bytes
  }
  const head = 2 + 12 * entries.length + 4
  const behind: Buffer[] = []
  const rows = entries.map(([tag, type, values]) => {
    const size = type === SHORT ? 2 : type === LONG || type === 5 || type === 10 ? 4 : 1
    const text = typeof values === 'string' ? [...Buffer.from(`${values}\0`)] : values
    const data = Buffer.concat(text.map((value) => word(value, size)))
    const count = type === 5 || type === 10 ? text.length / 2 : text.length
    const place = at + head + behind.reduce((sum, { length }) => sum + length, 0)
    if (data.length > 4) behind.push(data)
    const value = data.length > 4 ? word(place, 4) : Buffer.concat([data, Buffer.alloc(4 - data.length)])
    return Buffer.concat([word(tag, 2), word(type, 2), word(count, 4), value])
  })
  return Buffer.concat([word(entries.length, 2), ...rows, word(next, 4), ...behind])
}
