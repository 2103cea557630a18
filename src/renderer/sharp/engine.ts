import sharp from 'sharp'
import { carryExif } from '../formats/carry-exif.ts'
import type { Color, Overlay, RenderPlan, RenderStep } from '../plan.ts'
import type { OpenedPicture, Rendered, RenderLimits } from '../renderer.ts'
import { Typesetter } from '../text/typesetter.ts'
import { decodeFrames, decodeStill } from './decode.ts'
import { encode, type Frames } from './encode.ts'
import { meanOf } from './look.ts'
import { pictureStamp, type Stamp, textStamp } from './overlay.ts'
import type { Pixels } from './pixels.ts'
import { probe, type Source } from './probe.ts'
import { takeSteps } from './steps.ts'

/** The only decoders that there are, whatever a file claims to be. SVG is for drawings of our own. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Svg'].map((name) => `VipsForeignLoad${name}Buffer`)

// For all of this process, which does nothing else. Nothing is rendered twice, so that nothing kept would be of use.
sharp.cache(false)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: LOADERS })

/** A larger picture is shrunk to this on its longer side before its mean is taken, which hardly moves it. */
const MEAN_SIDE_PX = 1024

/** Opens pictures and renders plans, one thing at a time. */
export class Engine {
  readonly #limits: RenderLimits
  readonly #typesetter = new Typesetter()
  readonly #sources: Source[] = []

  constructor(limits: RenderLimits) {
    this.#limits = limits
  }

  /** @throws RenderFailed */
  async open(bytes: Buffer): Promise<OpenedPicture> {
    const source = await probe(bytes, { number: this.#sources.length, limits: this.#limits })
    this.#sources.push(source)
    return source.opened
  }

  /** @throws RenderFailed */
  async render({ picture, steps, output }: RenderPlan): Promise<Rendered> {
    const source = this.#source(picture)
    const isAnimated = output.animated && source.animation !== undefined && /^(?:gif|webp)$/.test(output.format)
    const frames = isAnimated ? await this.#animation(source, steps) : await this.#still(source, steps)
    const encoded = await encode(frames, output)
    const { width, height } = frames.roll
    const size = { width, height: height / (frames.animation?.delaysMs.length ?? 1) }
    const isOriented = steps.some(({ step }) => step === 'orient')
    const exif = output.stripped ? undefined : source.exif
    const bytes = exif === undefined ? encoded : carryExif(encoded, exif, { format: output.format, size, isOriented })
    return { ...size, bytes, format: output.format }
  }

  /** @throws RenderFailed */
  async averageHue(picture: number): Promise<Color> {
    const source = this.#source(picture)
    const { width, height } = source.opened
    const factor = Math.min(1, MEAN_SIDE_PX / Math.max(width, height))
    const to = { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
    return await meanOf(await this.#renderStill(source, factor < 1 ? [{ step: 'scale', to }] : []))
  }

  /** Pictures that are opened from now on count from 0 again. */
  forget(): void {
    this.#sources.length = 0
  }

  async #still(source: Source, steps: readonly RenderStep[]): Promise<Frames> {
    return { roll: await this.#renderStill(source, steps), animation: undefined }
  }

  async #renderStill(source: Source, steps: readonly RenderStep[]): Promise<Pixels> {
    const still = await decodeStill(source, steps, this.#limits)
    const stamp = (overlay: Overlay): Promise<Stamp> => this.#stamp(overlay)
    return await takeSteps(still.pixels, still.steps, { orientation: still.orientation, stamp })
  }

  async #animation(source: Source, steps: readonly RenderStep[]): Promise<Frames> {
    const { frames, orientation } = source.opened
    const stamp = this.#remembered()
    let roll: Pixels | undefined
    let index = 0
    for await (const frame of decodeFrames(source, { frames, limits: this.#limits })) {
      const { data, ...shape } = await takeSteps(frame, steps, { orientation, stamp })
      roll ??= { ...shape, height: shape.height * frames, data: Buffer.allocUnsafeSlow(data.length * frames) }
      data.copy(roll.data, index * data.length)
      index += 1
    }
    if (roll === undefined) throw new Error('an animation has a frame')
    return { roll, animation: source.animation }
  }

  /** What is laid over each frame is made once. */
  #remembered(): (overlay: Overlay) => Promise<Stamp> {
    const made = new Map<Overlay, Promise<Stamp>>()
    return (overlay) => {
      const stamp = made.get(overlay) ?? this.#stamp(overlay)
      made.set(overlay, stamp)
      return stamp
    }
  }

  async #stamp(overlay: Overlay): Promise<Stamp> {
    if (overlay.kind === 'text') return textStamp(overlay, this.#typesetter)
    return pictureStamp(await this.#renderStill(this.#source(overlay.picture), overlay.steps))
  }

  #source(picture: number): Source {
    const source = this.#sources[picture]
    if (source === undefined) throw new Error(`no picture ${picture} has been opened`)
    return source
  }
}
