import type { ImageOperator } from '../../domain/images/directive.ts'
import type { OperatorOf } from '../../domain/images/geometry.ts'
import { RESIZED_SIDE_PX_MAX, SOURCE_SIDE_PX_MAX } from '../../domain/images/limits.ts'
import { keyed, type OperatorReader, plain, valued } from './operands.ts'
import { DirectiveProblem } from './pieces.ts'
import { COLOR, GRAVITY, oneOf, SWITCH, WHITE, wholeNumber } from './values.ts'
import { watermarkReader } from './watermark.ts'

type Readers<Names extends ImageOperator['operator']> = {
  readonly [Name in Names]: OperatorReader<OperatorOf<Name>>
}

type Stampable = Exclude<ImageOperator['operator'], 'watermark' | 'info' | 'average-hue'>

/** Radius of a circle and of corners, in pixels (OSS). */
const RADIUS = wholeNumber(1, 4096)
/** A side or a place of a source. */
const PIXELS = wholeNumber(0, SOURCE_SIDE_PX_MAX)
const SIDE = wholeNumber(1, RESIZED_SIDE_PX_MAX)
/** Pixels of a slice. */
const LENGTH = wholeNumber(1, SOURCE_SIDE_PX_MAX)
const QUALITY = wholeNumber(1, 100)

const resize = keyed(
  {
    w: SIDE,
    h: SIDE,
    m: oneOf({ lfit: 'lfit', mfit: 'mfit', fill: 'fill', pad: 'pad', fixed: 'fixed' } as const),
    color: COLOR,
    p: wholeNumber(1, 1000),
    limit: SWITCH,
  },
  ({ w: width, h: height, m: mode = 'lfit', color, p, limit }, whole): OperatorOf<'resize'> => {
    const bySides = width !== undefined || height !== undefined
    if (!bySides && p === undefined) throw new DirectiveProblem(whole, 'resize needs w, h or p')
    if (color !== undefined && !(bySides && mode === 'pad')) {
      throw new DirectiveProblem(whole, 'color is what m_pad fills with: it needs m_pad, and w or h')
    }
    return {
      operator: 'resize',
      width,
      height,
      mode,
      color: color ?? WHITE,
      // OSS: beside w or h a percentage has nothing to say. All modes are the same by percentage.
      percent: bySides ? undefined : p,
      // The user guide (20703587) has limit among the parameters of w and h alone, and p "above 100 enlarges" in the
      // SDK manual: so a percentage is limited only where somebody says so.
      limit: limit ?? bySides,
    }
  },
)

const crop = keyed(
  { w: PIXELS, h: PIXELS, x: PIXELS, y: PIXELS, g: GRAVITY },
  ({ w, h, x = 0, y = 0, g: gravity = 'nw' }): OperatorOf<'crop'> => {
    // The range of w and h begins at 0, and nothing is 0 pixels wide: it is taken for "as much as there is".
    return { operator: 'crop', width: w || undefined, height: h || undefined, x, y, gravity }
  },
)

const quality = keyed({ q: QUALITY, Q: QUALITY }, ({ q, Q }, whole): OperatorOf<'quality'> => {
  // OSS: where both are given it is Q.
  if (Q !== undefined) return { operator: 'quality', kind: 'absolute', value: Q }
  if (q !== undefined) return { operator: 'quality', kind: 'relative', value: q }
  throw new DirectiveProblem(whole, 'quality needs q or Q')
})

const indexcrop = keyed(
  { x: LENGTH, y: LENGTH, i: wholeNumber(0, SOURCE_SIDE_PX_MAX) },
  ({ x, y, i: index }, whole): OperatorOf<'indexcrop'> => {
    // ZOS requires it (20703619), where OSS takes 0 for granted.
    if (index === undefined) throw new DirectiveProblem(whole, 'indexcrop needs i')
    // OSS: where both are given it is y.
    if (y !== undefined) return { operator: 'indexcrop', axis: 'y', length: y, index }
    if (x !== undefined) return { operator: 'indexcrop', axis: 'x', length: x, index }
    throw new DirectiveProblem(whole, 'indexcrop needs x or y')
  },
)

function round<Name extends 'circle' | 'rounded-corners'>(operator: Name) {
  return keyed({ r: RADIUS }, ({ r: radius }, whole) => {
    if (radius === undefined) throw new DirectiveProblem(whole, `${operator} needs r`)
    return { operator, radius } as const
  })
}

const blur = keyed(
  { r: wholeNumber(1, 50), s: wholeNumber(1, 50) },
  ({ r: radius, s: sigma }, whole): OperatorOf<'blur'> => {
    if (radius === undefined || sigma === undefined) throw new DirectiveProblem(whole, 'blur needs r and s')
    return { operator: 'blur', radius, sigma }
  },
)

/** The manual writes "Jpg"; OSS has jpeg, too. */
const FORMAT = oneOf(
  { jpg: 'jpg', jpeg: 'jpg', png: 'png', webp: 'webp', bmp: 'bmp', tiff: 'tiff', gif: 'gif' } as const,
  { anyCase: true },
)

/**
 * What may be done to a watermark's own picture: everything that makes a picture of a picture. How it would be written
 * as a file does not matter to what is laid on another one.
 */
const STAMP_OPERATORS: Readers<Stampable> = {
  resize,
  crop,
  rotate: valued(wholeNumber(0, 360), (degrees) => ({ operator: 'rotate', degrees })),
  format: valued(FORMAT, (format) => ({ operator: 'format', format })),
  quality,
  strip: plain({ operator: 'strip' }),
  bright: valued(wholeNumber(-100, 100), (amount) => ({ operator: 'bright', amount })),
  contrast: valued(wholeNumber(-100, 100), (amount) => ({ operator: 'contrast', amount })),
  sharpen: valued(wholeNumber(50, 399), (amount) => ({ operator: 'sharpen', amount })),
  blur,
  interlace: valued(SWITCH, (on) => ({ operator: 'interlace', on })),
  'auto-orient': valued(SWITCH, (on) => ({ operator: 'auto-orient', on })),
  circle: round('circle'),
  'rounded-corners': round('rounded-corners'),
  indexcrop,
}

/**
 * Every operator with its parameters, their ranges and defaults. Sources: the ZOS SDK manual 4.1 for the first six;
 * ZOS's user guide (20703587 to 20703620), which names the others; Aliyun OSS's public parameters, whose names they
 * share.
 */
export const OPERATORS: Readers<ImageOperator['operator']> = {
  ...STAMP_OPERATORS,
  watermark: watermarkReader(STAMP_OPERATORS),
  info: plain({ operator: 'info' }),
  'average-hue': plain({ operator: 'average-hue' }),
}
