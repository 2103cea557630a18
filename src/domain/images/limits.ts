// What a picture may be and may become. Sources: ZOS's user guide (pages 20703587, 20703588, 20703589 and 20703600 of
// 2026-01) and its SDK manual 4.1; where neither says anything, Aliyun OSS's limits, whose operators they are.

/** The bytes of a source and of a watermark's picture: "20 MB". */
export const SOURCE_BYTES_MAX = 20 * 1024 * 1024
/** Either side of a source. */
export const SOURCE_SIDE_PX_MAX = 30_000
/** Width times height times frames of a source. */
export const SOURCE_PIXELS_MAX = 250_000_000

/** Either side of what resize makes by width and height. */
export const RESIZED_SIDE_PX_MAX = 4096
/** Either side of what resize makes by percentage. */
export const PERCENT_SIDE_PX_MAX = 16_384
/** All pixels of what resize makes by percentage: "16.78 million". */
export const PERCENT_PIXELS_MAX = 16_777_216
/** Either side of a picture that is to be turned. */
export const TURNED_SIDE_PX_MAX = 4096
/**
 * What a step may make of a smaller picture, as width times height times frames: four times the largest result, so that
 * `m_fill` of a banner and a GIF of many frames cannot ask for gigabytes. Of our own making.
 */
export const GROWN_PIXELS_MAX = 4 * PERCENT_PIXELS_MAX

/** Pictures laid on one picture, as in OSS: they are in memory together. */
export const WATERMARK_PICTURES_MAX = 3
/** Either side that the format itself can write down; undefined: more than a source can have. */
export const FORMAT_SIDE_PX_MAX = {
  jpg: undefined,
  png: undefined,
  webp: 16_383,
  bmp: undefined,
  tiff: undefined,
  gif: undefined,
} as const
