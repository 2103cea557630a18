// Pictures that are read while they are sent to the process that renders them.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRenderer } from '../../src/renderer/processes.ts'
import type { Renderer, RenderSession } from '../../src/renderer/renderer.ts'
import { LIMITS, outcome, plain, png, streamed } from '../support/rendering.ts'

const { signal } = new AbortController()
const PICTURE = await png(plain({ width: 20, height: 20 }, 1, 2, 3))
const HUE = { red: 1, green: 2, blue: 3 }

function rendererOf(timeoutMs = LIMITS.timeoutMs) {
  const troubles: string[] = []
  const renderer = openRenderer({
    concurrency: 1,
    queueMax: 10,
    limits: { ...LIMITS, timeoutMs },
    onTrouble: (message) => void troubles.push(message),
  })
  onTestFinished(() => renderer.close())
  return { renderer, troubles }
}

async function hue(renderer: Renderer, open: (session: RenderSession) => Promise<unknown>) {
  return await renderer.session(async (session) => {
    await open(session)
    return await session.averageHue(0)
  }, signal)
}

const sound = (session: RenderSession) => session.open(streamed(PICTURE))

describe('a picture that is sent while it is read', () => {
  it('is the same in pieces of every size, also in one buffer that is used again', async () => {
    const { renderer, troubles } = rendererOf()
    for (const pieceBytes of [1, 7, 50, PICTURE.length]) {
      async function* reused(): AsyncGenerator<Buffer, void, void> {
        const buffer = Buffer.alloc(pieceBytes)
        for await (const piece of streamed(PICTURE, pieceBytes).pieces) {
          piece.copy(buffer)
          yield buffer.subarray(0, piece.length)
          buffer.fill(0)
        }
      }
      expect(await hue(renderer, (session) => session.open({ sizeBytes: PICTURE.length, pieces: reused() }))).toEqual(
        HUE,
      )
    }
    expect(renderer.stats().processes).toBe(1)
    expect(troubles).toEqual([])
  })

  it('whose reading fails tells why, and the next one is rendered', async () => {
    const { renderer, troubles } = rendererOf()
    const cause = new Error('the disk is gone')
    async function* failing(): AsyncGenerator<Buffer, void, void> {
      yield PICTURE.subarray(0, 40)
      throw cause
    }
    const open = (session: RenderSession) => session.open({ sizeBytes: PICTURE.length, pieces: failing() })
    await expect(hue(renderer, open)).rejects.toBe(cause)
    expect(await hue(renderer, sound)).toEqual(HUE)
    expect(troubles).toEqual([])
  })

  it.each([-1, 1])('of %i bytes more than was said is an error, and the next one is rendered', async (more) => {
    const { renderer } = rendererOf()
    const open = (session: RenderSession) =>
      session.open({ ...streamed(PICTURE, 50), sizeBytes: PICTURE.length - more })
    await expect(hue(renderer, open)).rejects.toThrow('a body of')
    expect(await hue(renderer, sound)).toEqual(HUE)
  })

  it('whose process dies while it is sent ends there, and the next one is rendered', async () => {
    const { renderer, troubles } = rendererOf()
    let isClosed = false
    async function* deadly(): AsyncGenerator<Buffer, void, void> {
      try {
        yield PICTURE.subarray(0, 40)
        const pids = readdirSync(`/proc/${process.pid}/task`).flatMap((thread) =>
          readFileSync(`/proc/${process.pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
        )
        for (const pid of pids) {
          if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('render-worker'))
            process.kill(Number(pid), 'SIGKILL')
        }
        // As a disk goes on that knows nothing of it.
        for (;;) yield Buffer.alloc(64 * 1024)
      } finally {
        isClosed = true
      }
    }
    const open = (session: RenderSession) => session.open({ sizeBytes: 1024 ** 3, pieces: deadly() })
    expect(await outcome(hue(renderer, open))).toBe('out-of-memory')
    await expect.poll(() => isClosed).toBe(true)
    expect(await hue(renderer, sound)).toEqual(HUE)
    expect(troubles).toEqual(['a renderer has died'])
  })

  it('that does not come is not waited for longer than a picture may take', async () => {
    const { renderer } = rendererOf(200)
    let isClosed = false
    const { promise: never, resolve: close } = Promise.withResolvers<void>()
    async function* stuck(): AsyncGenerator<Buffer, void, void> {
      try {
        yield PICTURE.subarray(0, 40)
        await never
      } finally {
        isClosed = true
      }
    }
    const open = (session: RenderSession) => session.open({ sizeBytes: PICTURE.length, pieces: stuck() })
    expect(await outcome(hue(renderer, open))).toBe('timeout')
    close()
    await expect.poll(() => isClosed).toBe(true)
  })
})
