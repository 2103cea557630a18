import { describe, expect, it } from 'vitest'
import { readExif } from '../../../src/renderer/formats/exif.ts'
import { type ExifEntry, exifOf } from '../../support/exif-file.ts'

const TEXT = 2
const [BYTE, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL] = [1, 3, 4, 5, 7, 10]

const CAMERA: readonly ExifEntry[] = [
  [0x010f, TEXT, 'Cozos Optics'],
  [0x0112, SHORT!, [6]],
  [0x011a, RATIONAL!, [96, 1]],
  [0x0132, TEXT, '2015:02:11 15:38:27'],
]
const PHOTO: readonly ExifEntry[] = [
  [0x829a, RATIONAL!, [1, 250]],
  [0x8827, SHORT!, [100]],
  [0x9000, UNDEFINED!, [48, 50, 51, 48]],
  [0x9101, UNDEFINED!, [1, 2, 3, 0]],
  [0x9204, SRATIONAL!, [-1, 3]],
  [0x9286, UNDEFINED!, [...Buffer.from('ASCII\0\0\0a comment')]],
  [0xa002, LONG!, [4000]],
]
const GPS: readonly ExifEntry[] = [
  [0x00, BYTE!, [2, 2, 0, 0]],
  [0x01, TEXT, 'N'],
  [0x02, RATIONAL!, [48, 1, 51, 1, 305, 10]],
  [0x03, TEXT, 'W'],
  [0x04, RATIONAL!, [0, 1, 0, 1, 0, 1]],
  [0x12, TEXT, 'WGS-84'],
]
const THUMBNAIL: readonly ExifEntry[] = [
  [0x0103, SHORT!, [6]],
  [0x0132, TEXT, 'another time'],
]

const EXPECTED = {
  Make: 'Cozos Optics',
  Orientation: '6',
  XResolution: '96/1',
  DateTime: '2015:02:11 15:38:27',
  ExposureTime: '1/250',
  ISOSpeedRatings: '100',
  ExifVersion: '0230',
  ComponentsConfiguration: '1 2 3 0',
  ExposureBiasValue: '-1/3',
  UserComment: 'a comment',
  PixelXDimension: '4000',
  GPSVersionID: '2 2 0 0',
  GPSLatitudeRef: 'North',
  GPSLatitude: `48deg 51' 30.500"`,
  GPSLongitudeRef: 'West',
  GPSLongitude: '0deg',
  GPSMapDatum: 'WGS-84',
  Compression: '6',
}

describe('EXIF', () => {
  it.each(['little', 'big'] as const)('of %s-endian numbers is text by the names of its tags', (order) => {
    const bytes = exifOf({ order, image: CAMERA, photo: PHOTO, gps: GPS, thumbnail: THUMBNAIL })
    const { ExifTag, GPSTag, ...texts } = readExif(bytes)
    expect(texts).toEqual(EXPECTED)
    expect([ExifTag, GPSTag].map(Number)).toEqual([expect.any(Number), expect.any(Number)])
    // As JPEG wraps it.
    expect(readExif(Buffer.concat([Buffer.from('Exif\0\0'), bytes]))).toEqual(readExif(bytes))
  })

  it('that is none, or of unknown tags, is empty', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('Exif\0\0'),
      Buffer.from('hello, this is no EXIF'),
      Buffer.from('II*\0'),
    ])
      expect(readExif(bytes)).toEqual({})
    expect(readExif(exifOf({ order: 'little', image: [[0xfedc, SHORT!, [1]]] }))).toEqual({})
  })

  it('leaves out what nobody could read', () => {
    const image: ExifEntry[] = [
      [0x010e, TEXT, '\u0001\u0002'],
      [0x0131, TEXT, 'Öl und 图片 '],
      [0x013e, RATIONAL!, [1, 0]],
      [0x012d, SHORT!, Array(768).fill(1)],
      [0x8298, TEXT, 'x'.repeat(5000)],
    ]
    expect(readExif(exifOf({ order: 'big', image }))).toEqual({
      Software: 'Öl und 图片',
      WhitePoint: '1/0',
      Copyright: 'x'.repeat(1024),
    })
  })

  it('that is damaged gives what there is', () => {
    const whole = exifOf({ order: 'little', image: CAMERA, photo: PHOTO, gps: GPS, thumbnail: THUMBNAIL })
    for (let length = 0; length <= whole.length; length += 1) readExif(whole.subarray(0, length))
    for (let at = 0; at < whole.length; at += 1)
      for (const value of [0, 1, 255]) {
        const changed = Buffer.from(whole)
        changed[at] = value
        readExif(changed)
      }
    expect(readExif(whole.subarray(0, whole.length - 1))).toMatchObject({ Make: 'Cozos Optics' })
    // A directory that is its own next one, and one that is everywhere.
    const loop = Buffer.from(whole)
    loop.writeUInt32LE(8, 8 + 2 + 12 * loop.readUInt16LE(8))
    expect(readExif(loop)).toMatchObject({ Make: 'Cozos Optics' })
  })
})
