import assert from 'node:assert/strict'
import type { Color, Overlay, Place, RenderPlan, RenderStep, Size } from '../../renderer/plan.ts'
import type { OpenedPicture } from '../../renderer/renderer.ts'
import type { Directive, ImageOperator } from './directive.ts'
import {
  autoOrient,
  type Change,
  circle,
  crop,
  indexcrop,
  NO_CHANGE,
  type OperatorOf,
  refused,
  resize,
  rotate,
  roundCorners,
} from './geometry.ts'
import { GROWN_PIXELS_MAX } from './limits.ts'
import { outputOf, refuseUnwritable } from './output.ts'

/** What a directive asks about the picture instead of making one of it; it stands alone then. */
export function questionIn(directive: Directive): 'info' | 'average-hue' | undefined {
  const [first] = directive
  return first?.operator === 'info' || first?.operator === 'average-hue' ? first.operator : undefined
}

/** The objects that are laid on the picture, each once: they are opened before planning. */
export function overlayKeys(directive: Directive): readonly string[] {
  const keys = directive.flatMap((one) => (one.operator === 'watermark' && one.content === 'image' ? [one.key] : []))
  return [...new Set(keys)]
}

/**
 * The steps that lead to what the directive asks for, with exact sizes. Where nothing is to be done there is a plan,
 * too: the picture is written anew at its own size, as ZOS's user guide has it for `limit_1` (20703587), and so a
 * damaged file is found in any case.
 * @param overlays by their keys, all of overlayKeys
 * @throws S3Error InvalidArgument naming the operator that this picture does not allow
 */
export function planPicture(
  directive: Directive,
  source: OpenedPicture,
  overlays: ReadonlyMap<string, OpenedPicture>,
): RenderPlan {
  const output = outputOf(directive, source)
  // ZOS 20703600: what a rotation adds is white, whatever the format.
  const ground = { picture: source, overlays, frames: output.animated ? source.frames : 1, corners: WHITE }
  const { steps, size } = walk(directive, ground)
  refuseUnwritable(size, output.format)
  return { picture: source.number, steps, output }
}

const WHITE: Color = { red: 255, green: 255, blue: 255 }

/** What holds for all steps of one picture. */
interface Ground {
  readonly picture: OpenedPicture
  readonly overlays: ReadonlyMap<string, OpenedPicture>
  /** That take part. */
  readonly frames: number
  /** What a rotation leaves in the corners; undefined: nothing. */
  readonly corners: Color | undefined
}

interface Stage extends Ground {
  readonly size: Size
}

function walk(directive: Directive, ground: Ground): { readonly steps: readonly RenderStep[]; readonly size: Size } {
  const { width, height } = ground.picture
  const steps: RenderStep[] = []
  let stage: Stage = { ...ground, size: { width, height } }
  for (const one of inOrder(directive)) {
    const change = changeOf(one, stage)
    refuseGrowth(one.operator, change, stage)
    steps.push(...change.steps)
    stage = { ...stage, size: change.sizes.at(-1) ?? stage.size }
  }
  return { steps, size: stage.size }
}

/**
 * `auto-orient` comes first, wherever it stands: OSS turns a picture before it is resized, and gives the result of
 * `resize,w_100/auto-orient,1` as 100 pixels across. The last one of several holds.
 */
function inOrder(directive: Directive): Directive {
  const orienting = directive.findLast(({ operator }) => operator === 'auto-orient')
  const rest = directive.filter(({ operator }) => operator !== 'auto-orient')
  return orienting === undefined ? rest : [orienting, ...rest]
}

type Changes = {
  readonly [Name in ImageOperator['operator']]: (one: OperatorOf<Name>, stage: Stage) => Change
}

const CHANGES: Changes = {
  resize: (one, { size }) => resize(one, size),
  crop: (one, { size }) => crop(one, size),
  rotate: (one, { size, corners }) => rotate(one, size, corners),
  watermark: lay,
  bright: ({ amount }) => (amount === 0 ? NO_CHANGE : { steps: [{ step: 'bright', amount }], sizes: [] }),
  contrast: ({ amount }) => (amount === 0 ? NO_CHANGE : { steps: [{ step: 'contrast', amount }], sizes: [] }),
  sharpen: ({ amount }) => ({ steps: [{ step: 'sharpen', amount }], sizes: [] }),
  blur: ({ radius, sigma }) => ({ steps: [{ step: 'blur', radius, sigma }], sizes: [] }),
  'auto-orient': ({ on }, { picture, size }) => (on ? autoOrient(picture.orientation, size) : NO_CHANGE),
  circle: (one, { size }) => circle(one, size),
  'rounded-corners': (one, { size }) => roundCorners(one, size),
  indexcrop: (one, { size }) => indexcrop(one, size),
  // These say how the file is written (output.ts).
  format: () => NO_CHANGE,
  quality: () => NO_CHANGE,
  strip: () => NO_CHANGE,
  interlace: () => NO_CHANGE,
  // These are answered without a plan.
  info: () => NO_CHANGE,
  'average-hue': () => NO_CHANGE,
}

function changeOf(one: ImageOperator, stage: Stage): Change {
  // The compiler does not see that the operator and its function belong together.
  const change = CHANGES[one.operator] as (one: ImageOperator, stage: Stage) => Change
  return change(one, stage)
}

/** `watermark`: what is too large for the picture is cut off at its edges by the renderer. */
function lay(one: OperatorOf<'watermark'>, { overlays }: Stage): Change {
  if (one.opacity === 0) return NO_CHANGE
  const overlay = one.content === 'text' ? textOf(one) : pictureOf(one, overlays)
  return { steps: [{ step: 'overlay', overlay, place: placeOf(one), opacity: one.opacity }], sizes: [] }
}

/** As in OSS x is measured from the left and right edges alone, and y from the upper and lower ones. */
function placeOf({ gravity, x, y }: Place): Place {
  const isMiddle = gravity === 'north' || gravity === 'center' || gravity === 'south'
  const isHalfway = gravity === 'west' || gravity === 'center' || gravity === 'east'
  return { gravity, x: isMiddle ? 0 : x, y: isHalfway ? 0 : y }
}

function textOf({ text, face, size, color, degrees }: OperatorOf<'watermark'> & { content: 'text' }): Overlay {
  return { kind: 'text', text, face, size, color, degrees }
}

function pictureOf(
  { key, directive }: OperatorOf<'watermark'> & { content: 'image' },
  overlays: ReadonlyMap<string, OpenedPicture>,
): Overlay {
  const picture = overlays.get(key)
  assert(picture !== undefined, 'the pictures of overlayKeys are opened before planning')
  // A stamp has no ground that could be white: the corners that its own rotation leaves are transparent.
  const { steps } = walk(directive, { picture, overlays, frames: 1, corners: undefined })
  return { kind: 'picture', picture: picture.number, steps }
}

function refuseGrowth(operator: ImageOperator['operator'], { sizes }: Change, { size, frames }: Stage): void {
  const pixels = frames * Math.max(0, ...sizes.map(({ width, height }) => width * height))
  if (pixels <= GROWN_PIXELS_MAX || pixels <= frames * size.width * size.height) return
  throw refused(operator, `it would take ${pixels} pixels on its way, of which there may be ${GROWN_PIXELS_MAX}`)
}
