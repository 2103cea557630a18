import { afterEach, describe, expect, it } from 'vitest'
import { type Renderer, RenderersBusy, type RenderLimits } from '../../src/renderer/renderer.ts'
import {
  decoded,
  distance,
  gradient,
  LIMITS,
  outcome,
  PNG,
  pixel,
  plain,
  png,
  sharpOf,
  streamed,
} from '../support/rendering.ts'

export interface RendererOptions {
  readonly concurrency: number
  readonly queueMax: number
  readonly limits: RenderLimits
}

export interface RendererEngine {
  readonly name: string
  open(options: RendererOptions): Renderer
}

const { signal } = new AbortController()
const BLUR = { step: 'blur', radius: 50, sigma: 50 } as const
const SIZE = { width: 80, height: 50 }

/** What everything behind the renderer port does. */
export function rendererContract({ name, open }: RendererEngine): void {
  describe(`renderer contract: ${name}`, () => {
    const renderers: Renderer[] = []
    const rendererOf = (options: Partial<RendererOptions> = {}): Renderer => {
      const renderer = open({ concurrency: 1, queueMax: 10, limits: LIMITS, ...options })
      renderers.push(renderer)
      return renderer
    }

    afterEach(async () => {
      await Promise.all(renderers.splice(0).map((renderer) => renderer.close()))
    })

    it('opens a picture', async () => {
      const bytes = await sharpOf(gradient(SIZE))
        .withExif({ IFD0: { Make: 'Cozos' } })
        .jpeg({ quality: 71 })
        .toBuffer()
      const opened = await rendererOf().session(async (session) => await session.open(streamed(bytes)), signal)
      expect(opened).toMatchObject({
        ...SIZE,
        number: 0,
        format: 'jpg',
        bytes: bytes.length,
        frames: 1,
        orientation: 1,
        hasAlpha: false,
        quality: 71,
        exif: { Make: 'Cozos' },
      })
    })

    it('renders plans, also with overlays and texts, and one after the other', async () => {
      const [ground, stamp] = await Promise.all([
        png(plain(SIZE, 0, 0, 0)),
        png(plain({ width: 10, height: 10 }, 255, 255, 255)),
      ])
      const [laid, written] = await rendererOf().session(async (session) => {
        const [first, second] = [await session.open(streamed(ground)), await session.open(streamed(stamp))]
        expect([first.number, second.number]).toEqual([0, 1])
        const place = { gravity: 'se', x: 5, y: 5 } as const
        const overlay = { kind: 'picture', picture: second.number, steps: [] } as const
        const color = { red: 0, green: 255, blue: 0 }
        const text = { kind: 'text', text: '图片 A', face: 'sans', size: 20, color, degrees: 0 } as const
        return [
          await session.render({ picture: 0, steps: [{ step: 'overlay', overlay, place, opacity: 100 }], output: PNG }),
          await session.render({
            picture: 0,
            steps: [{ step: 'overlay', overlay: text, place, opacity: 100 }],
            output: PNG,
          }),
        ]
      }, signal)
      expect(laid).toMatchObject({ ...SIZE, format: 'png' })
      const pixels = await decoded(laid.bytes)
      expect([pixel(pixels, 70, 40), pixel(pixels, 76, 40)]).toEqual([
        [255, 255, 255],
        [0, 0, 0],
      ])
      expect(Math.max(...(await decoded(written.bytes)).data)).toBeGreaterThan(200)
    })

    it('takes and gives much', async () => {
      // Noise does not compress.
      const size = { width: 2600, height: 2600 }
      const noise = { ...size, channels: 3 as const, data: Buffer.alloc(2600 * 2600 * 3) }
      for (let at = 0, state = 1; at < noise.data.length; at += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        noise.data[at] = state >>> 24
      }
      const bytes = await sharpOf(noise).png({ compressionLevel: 1 }).toBuffer()
      expect(bytes.length).toBeGreaterThan(20_000_000)
      const result = await rendererOf().session(async (session) => {
        await session.open(streamed(bytes))
        return await session.render({ picture: 0, steps: [], output: PNG })
      }, signal)
      expect(result.bytes.length).toBeGreaterThan(20_000_000)
      expect(distance(await decoded(result.bytes), noise)).toBe(0)
    })

    it('has the average hue', async () => {
      const bytes = await png(plain(SIZE, 10, 20, 30))
      const hue = await rendererOf().session(async (session) => {
        await session.open(streamed(bytes))
        return await session.averageHue(0)
      }, signal)
      expect(hue).toEqual({ red: 10, green: 20, blue: 30 })
    })

    it('refuses what is no picture, and goes on', async () => {
      const renderer = rendererOf()
      const bytes = await png(plain(SIZE, 10, 20, 30))
      const said = await renderer.session(
        async (session) => [
          await outcome(session.open(streamed(Buffer.from('hello')))),
          await outcome(session.open(streamed(bytes.subarray(0, 40)))),
          await outcome(session.open(streamed(bytes))),
        ],
        signal,
      )
      expect(said).toEqual(['not-a-picture', 'damaged', 'rendered'])
    })

    it('forgets pictures between sessions', async () => {
      const renderer = rendererOf()
      const bytes = await png(plain(SIZE, 10, 20, 30))
      const numberOf = async () =>
        await renderer.session(async (session) => (await session.open(streamed(bytes))).number, signal)
      expect([await numberOf(), await numberOf()]).toEqual([0, 0])
      const none = renderer.session(async (session) => await session.averageHue(0), signal)
      await expect(none).rejects.toThrow('no picture 0 has been opened')
    })

    it('does so many at once, lets so many wait, and refuses the others', async () => {
      const renderer = rendererOf({ concurrency: 2, queueMax: 1 })
      const { promise: go, resolve } = Promise.withResolvers<void>()
      const order: number[] = []
      const session = (number: number) =>
        renderer.session(async () => {
          order.push(number)
          await go
        }, signal)
      const all = [session(1), session(2), session(3)]
      await expect.poll(() => order).toEqual([1, 2])
      expect(renderer.stats()).toMatchObject({ running: 2, waiting: 1 })
      await expect(session(4)).rejects.toThrow(RenderersBusy)
      resolve()
      await Promise.all(all)
      expect(order).toEqual([1, 2, 3])
      await expect.poll(() => renderer.stats()).toMatchObject({ running: 0, waiting: 0 })
    })

    it('gives a place back however its session ends', async () => {
      const renderer = rendererOf({ queueMax: 0 })
      const failing = renderer.session(async () => {
        throw new Error('not today')
      }, signal)
      await expect(failing).rejects.toThrow('not today')
      await expect.poll(() => renderer.stats().running).toBe(0)
      expect(await renderer.session(async () => 'here', signal)).toBe('here')
    })

    it('hears of an abort while it waits and while it works', async () => {
      const renderer = rendererOf()
      const leaving = new AbortController()
      const { promise: go, resolve } = Promise.withResolvers<void>()
      const first = renderer.session(async () => await go, signal)
      const waiting = renderer.session(async () => 'never', leaving.signal)
      leaving.abort(new DOMException('gone', 'AbortError'))
      await expect(waiting).rejects.toThrow('gone')
      resolve()
      await first

      const stopping = new AbortController()
      const large = await png(plain({ width: 2000, height: 2000 }, 1, 2, 3))
      const working = renderer.session(async (session) => {
        await session.open(streamed(large))
        const rendering = session.render({ picture: 0, steps: Array(100).fill(BLUR), output: PNG })
        stopping.abort(new DOMException('gone', 'AbortError'))
        return await rendering
      }, stopping.signal)
      await expect(working).rejects.toThrow('gone')
      const hue = renderer.session(async (session) => {
        await session.open(streamed(await png(plain(SIZE, 1, 2, 3))))
        return await session.averageHue(0)
      }, signal)
      expect(await hue).toEqual({ red: 1, green: 2, blue: 3 })
    })

    it('ends what takes too long', async () => {
      const renderer = rendererOf({ limits: { ...LIMITS, timeoutMs: 2_000 } })
      const large = await png(plain({ width: 1000, height: 1000 }, 1, 2, 3))
      const slow = renderer.session(async (session) => {
        await session.open(streamed(large))
        return await session.render({ picture: 0, steps: Array(1000).fill(BLUR), output: PNG })
      }, signal)
      expect(await outcome(slow)).toBe('timeout')
      expect(await outcome(renderer.session(async (session) => await session.open(streamed(large)), signal))).toBe(
        'rendered',
      )
    })

    it('refuses all when it is closed', async () => {
      const renderer = rendererOf()
      const { promise: go, resolve } = Promise.withResolvers<void>()
      const small = await png(plain(SIZE, 1, 2, 3))
      const working = renderer.session(async (session) => {
        await session.open(streamed(small))
        await go
        return await session.averageHue(0)
      }, signal)
      const waiting = renderer.session(async () => 'never', signal)
      await Promise.all([expect(waiting).rejects.toThrow(RenderersBusy), renderer.close()])
      resolve()
      await expect(working).rejects.toThrow(RenderersBusy)
      await expect(renderer.session(async () => 'never', signal)).rejects.toThrow(RenderersBusy)
    })
  })
}
