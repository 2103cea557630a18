// How a JPEG was compressed stands in it only as the tables by which its frequencies were divided. Most encoders take
// those of the standard (ITU-T T.81, annex K) times a factor that the IJG's library derives from a quality of 1 to 100;
// so the quality is that whose table divides as coarsely. Of other tables, too, this is what it is about.

const START_OF_SCAN = 0xda
const QUANTIZATION_TABLE = 0xdb
/** Markers without a length: restarts, begin and end, and a temporary one. */
const BARE = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01
/** Table K.1, for luminance; in which order, does not matter here. */
const LUMINANCE = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].flat()
const ENTRIES = 64
/** Of a baseline JPEG. */
const ENTRY_MAX = 255
/** What each quality makes of the table, all of it added; the first is that of quality 1. */
const SUMS = Array.from({ length: 100 }, (_, index) => sumOf(index + 1))

/** @returns undefined when there is no table where one should be */
export function jpegQuality(bytes: Buffer): number | undefined {
  const table = luminanceTable(bytes)
  if (table === undefined) return undefined
  const sum = table.reduce((total, entry) => total + entry, 0)
  const distances = SUMS.map((expected) => Math.abs(expected - sum))
  return distances.indexOf(Math.min(...distances)) + 1
}

/** As the IJG's library does it. */
function sumOf(quality: number): number {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  const scaled = LUMINANCE.map((entry) => Math.floor((entry * percent + 50) / 100))
  return scaled.reduce((total, entry) => total + Math.min(ENTRY_MAX, Math.max(1, entry)), 0)
}

/** The one with number 0. */
function luminanceTable(bytes: Buffer): readonly number[] | undefined {
  let at = 2
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff || marker === START_OF_SCAN) return undefined
    // Any number of fill bytes may come before a marker.
    if (marker === 0xff || BARE(marker)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    const found = marker === QUANTIZATION_TABLE ? tableZero(bytes.subarray(at + 4, end)) : undefined
    if (found !== undefined) return found
    at = end
  }
  return undefined
}

function tableZero(segment: Buffer): readonly number[] | undefined {
  let at = 0
  while (at < segment.length) {
    const head = segment[at] ?? 0
    const size = head >> 4 === 0 ? 1 : 2
    const entries = segment.subarray(at + 1, at + 1 + ENTRIES * size)
    if (entries.length < ENTRIES * size) return undefined
    if ((head & 15) === 0) return Array.from({ length: ENTRIES }, (_, index) => entries.readUIntBE(index * size, size))
    at += 1 + ENTRIES * size
  }
  return undefined
}
