import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRenderer } from '../../src/renderer/processes.ts'
import type { Renderer, RenderSession } from '../../src/renderer/renderer.ts'
import { LIMITS, PNG, plain, png, streamed } from '../support/rendering.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { signal } = new AbortController()
const SMALL = await png(plain({ width: 20, height: 20 }, 1, 2, 3))
const HUE = { red: 1, green: 2, blue: 3 }

function rendererOf(onTrouble: () => void = () => undefined): Renderer {
  const renderer = openRenderer({ concurrency: 1, queueMax: 10, limits: LIMITS, onTrouble })
  onTestFinished(() => renderer.close())
  return renderer
}

async function hue(session: RenderSession) {
  const { number } = await session.open(streamed(SMALL))
  return await session.averageHue(number)
}

/** The process that this one has started to render. */
async function child(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)])
  return Number.parseInt(stdout.split('\n').find((line) => line.includes('render-worker')) ?? '', 10)
}

describe('a process that renders', () => {
  // Control-C in a terminal, and systemd's stop: they reach all processes of the server, which finishes its requests.
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('does not end by %s, which the server hears, too', async (name) => {
    const renderer = rendererOf()
    const rendered = await renderer.session(async (session) => {
      await session.open(streamed(SMALL))
      process.kill(await child(), name)
      return await session.render({ picture: 0, steps: [{ step: 'blur', radius: 5, sigma: 5 }], output: PNG })
    }, signal)
    expect([rendered.width, rendered.height]).toEqual([20, 20])
    expect(await renderer.session(hue, signal)).toEqual(HUE)
  })

  it('is forgotten when it has died while it was idle', async () => {
    const died = { count: 0 }
    const renderer = rendererOf(() => {
      died.count += 1
    })
    for (let round = 1; round <= 3; round += 1) {
      expect(await renderer.session(hue, signal)).toEqual(HUE)
      await expect.poll(() => renderer.stats()).toEqual({ running: 0, waiting: 0, processes: 1 })
      process.kill(await child(), 'SIGKILL')
      await expect.poll(() => died.count).toBe(round)
    }
  })

  it('that cannot be started, because no descriptor is left, says so', async () => {
    const script = `
      import { openSync } from 'node:fs'
      import { RenderProcess } from '${join(ROOT, 'src/renderer/render-process.ts')}'
      try { for (;;) openSync('/dev/null') } catch {}
      const process = new RenderProcess({ limits: ${JSON.stringify(LIMITS)}, onTrouble() {} })
      const { signal } = new AbortController()
      await process.call({ call: 'forget' }, { signal, timeoutMs: 1000 }).catch(({ message, cause }) => {
        console.log(message, cause.code)
      })
      await process.end()`
    const shell = 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"'
    const { stdout } = await promisify(execFile)('sh', ['-c', shell, process.execPath, script], { cwd: ROOT })
    expect(stdout.trim()).toBe('a renderer does not start: not started EMFILE')
  })
})
