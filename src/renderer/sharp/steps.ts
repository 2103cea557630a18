import type { Overlay, RenderStep } from '../plan.ts'
import { cut, orient, pad, scale, turn } from './geometry.ts'
import { blur, bright, contrast, sharpen } from './look.ts'
import { lay, type Stamp } from './overlay.ts'
import { assertSize, type Pixels } from './pixels.ts'
import { circle, roundCorners } from './shapes.ts'

/** Pixels of so many bytes are let go at once when a step has made others of them, not when V8 thinks of it. */
const LARGE_BYTES = 16 * 1024 * 1024

export interface StepContext {
  /** EXIF's, of the picture that the steps began with. */
  readonly orientation: number
  readonly stamp: (overlay: Overlay) => Promise<Stamp>
}

export async function takeSteps(from: Pixels, steps: readonly RenderStep[], context: StepContext): Promise<Pixels> {
  let pixels = from
  let { orientation } = context
  for (const step of steps) {
    pixels = await take(pixels, step, { ...context, orientation })
    if (step.step === 'orient') orientation = 1
    const planned = step.step === 'cut' ? step.size : 'to' in step ? step.to : undefined
    if (planned !== undefined) assertSize(pixels, planned)
    if (pixels.data.length > LARGE_BYTES) globalThis.gc?.()
  }
  return pixels
}

async function take(pixels: Pixels, step: RenderStep, context: StepContext): Promise<Pixels> {
  switch (step.step) {
    case 'orient':
      return await orient(pixels, context.orientation)
    case 'scale':
      return await scale(pixels, step)
    case 'cut':
      return await cut(pixels, step)
    case 'pad':
      return await pad(pixels, step)
    case 'turn':
      return await turn(pixels, step)
    case 'overlay':
      return await lay(pixels, await context.stamp(step.overlay), step)
    case 'circle':
      return await circle(pixels, step)
    case 'round-corners':
      return await roundCorners(pixels, step)
    case 'bright':
      return await bright(pixels, step)
    case 'contrast':
      return await contrast(pixels, step)
    case 'sharpen':
      return await sharpen(pixels, step)
    case 'blur':
      return await blur(pixels, step)
  }
}
