// How a JPEG was compressed stands in it only as the tables by which its frequencies were divided. Most encoders take
// those of the standard (ITU-T T.81, annex K) times a factor that the IJG's library derives from a quality of 1 to 100;
// the factor is the quality again. Of other tables this is the quality that divides about as coarsely.

const START_OF_SCAN = 0xda
const QUANTIZATION_TABLE = 0xdb
/** Markers without a length: restarts, begin and end, and a temporary one. */
const BARE = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01
/** Of table K.1, for luminance: all 64 added. */
const LUMINANCE_SUM = 3688
const ENTRIES = 64

/** @returns undefined when there is no table where one should be */
export function jpegQuality(bytes: Buffer): number | undefined {
  const table = luminanceTable(bytes)
  if (table === undefined) return undefined
  const sum = table.reduce((total, entry) => total + entry, 0)
  // All ones: the finest there is.
  if (sum === ENTRIES) return 100
  const percent = (100 * sum) / LUMINANCE_SUM
  const quality = percent <= 100 ? (200 - percent) / 2 : 5000 / percent
  return Math.min(100, Math.max(1, Math.round(quality)))
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
