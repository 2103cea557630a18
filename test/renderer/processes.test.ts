import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { openRenderer, type RendererOptions } from '../../src/renderer/processes.ts'
import { RenderProcess } from '../../src/renderer/render-process.ts'
import type { Renderer, RenderSession } from '../../src/renderer/renderer.ts'
import { LIMITS, outcome, PNG, plain, png, sharpOf, streamed } from '../support/rendering.ts'

const { signal } = new AbortController()
const ROOT = join(import.meta.dirname, '..', '..')
const SMALL = await png(plain({ width: 20, height: 20 }, 1, 2, 3))
const HUE = { red: 1, green: 2, blue: 3 }
const BLUR = { step: 'blur', radius: 50, sigma: 50 } as const

interface Trouble {
  readonly message: string
  readonly details: object
}

const renderers: Renderer[] = []

function rendererOf(options: Partial<RendererOptions> = {}) {
  const troubles: Trouble[] = []
  const onTrouble = (message: string, details: object) => void troubles.push({ message, details })
  const renderer = openRenderer({ concurrency: 1, queueMax: 10, limits: LIMITS, onTrouble, ...options })
  renderers.push(renderer)
  return { renderer, troubles }
}

afterEach(async () => {
  await Promise.all(renderers.splice(0).map((renderer) => renderer.close()))
})

async function hue(session: RenderSession) {
  const { number } = await session.open(streamed(SMALL))
  return await session.averageHue(number)
}

/** The processes that this one has started to render, by their ids. */
async function children(): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)])
  return stdout
    .split('\n')
    .filter((line) => line.includes('render-worker'))
    .map((line) => Number(line.trim().split(' ')[0]))
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('processes that render', () => {
  it('start with the first picture, stay for the next, and end with the renderer', async () => {
    const { renderer, troubles } = rendererOf({ concurrency: 2 })
    expect(await renderer.session(async () => 'no picture', signal)).toBe('no picture')
    expect(renderer.stats().processes).toBe(0)
    await renderer.session(hue, signal)
    const [first] = await children()
    await expect.poll(() => renderer.stats().running).toBe(0)
    await renderer.session(hue, signal)
    expect(await children()).toEqual([first])
    await Promise.all([renderer.session(hue, signal), renderer.session(hue, signal)])
    expect(renderer.stats().processes).toBe(2)
    const all = await children()
    await renderer.close()
    expect(all.filter(isRunning)).toEqual([])
    expect(renderer.stats()).toEqual({ running: 0, waiting: 0, processes: 0 })
    expect(troubles).toEqual([])
  })

  it.each([
    ['SIGSEGV', 'damaged'],
    ['SIGKILL', 'out-of-memory'],
    ['SIGABRT', 'damaged'],
  ] as const)('fail for their own session alone when they die of %s', async (cause, reason) => {
    const { renderer, troubles } = rendererOf({ concurrency: 2 })
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
    const { promise: go, resolve } = Promise.withResolvers<void>()
    const large = await png(plain({ width: 2000, height: 2000 }, 1, 2, 3))
    const dying = renderer.session(async (session) => {
      await session.open(streamed(large))
      opened()
      await go
      return await session.render({ picture: 0, steps: Array(100).fill(BLUR), output: PNG })
    }, signal)
    await isOpen
    const [pid] = await children()
    const other = renderer.session(async (session) => {
      resolve()
      await session.open(streamed(SMALL))
      process.kill(pid!, cause)
      expect(await outcome(dying)).toBe(reason)
      return await session.averageHue(0)
    }, signal)
    expect(await other).toEqual(HUE)
    expect(await renderer.session(hue, signal)).toEqual(HUE)
    expect(troubles).toMatchObject([{ message: 'a renderer has died', details: { how: cause } }])
  })

  // Linux has a niceness for each thread, and V8's and libuv's are there before a script can say anything.
  it.runIf(process.platform === 'linux')('leave the processors to requests, with all their threads', async () => {
    const { renderer } = rendererOf()
    await renderer.session(async (session) => {
      const { number } = await session.open(streamed(SMALL))
      await session.render({ picture: number, steps: [BLUR], output: PNG })
    }, signal)
    const [pid] = await children()
    const threads = readdirSync(`/proc/${pid}/task`).map(Number)
    expect(threads.length).toBeGreaterThan(5)
    expect(new Set(threads.map((thread) => getPriority(thread)))).toEqual(new Set([Math.min(getPriority() + 15, 19)]))
  })

  it('that die between two pictures of a session fail what comes next in it', async () => {
    const { renderer } = rendererOf()
    const dying = renderer.session(async (session) => {
      await session.open(streamed(SMALL))
      const [pid] = await children()
      process.kill(pid!, 'SIGSEGV')
      await expect.poll(() => isRunning(pid!)).toBe(false)
      return await session.averageHue(0)
    }, signal)
    expect(await outcome(dying)).toBe('damaged')
    expect(await renderer.session(hue, signal)).toEqual(HUE)
  })

  it('that die while they are idle are missed by nobody', async () => {
    const { renderer, troubles } = rendererOf()
    await renderer.session(hue, signal)
    await expect.poll(() => renderer.stats().running).toBe(0)
    const [pid] = await children()
    process.kill(pid!, 'SIGSEGV')
    await expect.poll(() => troubles.length).toBe(1)
    expect(await renderer.session(hue, signal)).toEqual(HUE)
    expect(renderer.stats().processes).toBe(1)
  })

  it('that hold too much memory end', async () => {
    const { renderer } = rendererOf({ limits: { ...LIMITS, memoryBytes: 160 * 1024 ** 2 } })
    const large = await sharpOf(plain({ width: 6000, height: 6000 }, 1, 2, 3))
      .jpeg()
      .toBuffer()
    const greedy = renderer.session(async (session) => {
      await session.open(streamed(large))
      return await session.render({ picture: 0, steps: [BLUR], output: PNG })
    }, signal)
    expect(await outcome(greedy)).toBe('out-of-memory')
    expect(await renderer.session(hue, signal)).toEqual(HUE)
  })

  it('end when nobody waits for what they do', async () => {
    const { renderer } = rendererOf()
    const large = await png(plain({ width: 2000, height: 2000 }, 1, 2, 3))
    const impatient = renderer.session(async (session) => {
      await session.open(streamed(large))
      session.render({ picture: 0, steps: Array(100).fill(BLUR), output: PNG }).catch(() => undefined)
      throw new Error('enough')
    }, signal)
    await expect(impatient).rejects.toThrow('enough')
    expect(await renderer.session(hue, signal)).toEqual(HUE)
  })

  it('know nothing of the server', async () => {
    process.env['COZOS_SECRET_KEY'] = 'a secret'
    process.env['NODE_OPTIONS'] = '--no-warnings'
    try {
      const { renderer } = rendererOf()
      await renderer.session(hue, signal)
      const [pid] = await children()
      if (!existsSync(`/proc/${pid}/environ`)) return
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
      const names = environment.map((line) => line.slice(0, line.indexOf('=')))
      const allowed = ['MALLOC_ARENA_MAX', 'PATH', 'SystemRoot', 'TMPDIR', 'TZ']
      expect(names.filter((name) => !allowed.includes(name))).toEqual([])
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
      expect(args.slice(1)).toEqual([
        '--expose-gc',
        expect.stringMatching(/^--max-old-space-size=\d+$/),
        expect.stringContaining('render-worker'),
      ])
    } finally {
      delete process.env['COZOS_SECRET_KEY']
      delete process.env['NODE_OPTIONS']
    }
  })

  it('that do not start are nobody’s damaged picture', async () => {
    const starting = new RenderProcess({ limits: LIMITS, onTrouble: () => undefined })
    process.kill(starting.pid!, 'SIGKILL')
    const call = starting.call({ call: 'average-hue', picture: 0 }, { signal, timeoutMs: 1000 })
    await expect(call).rejects.toThrow('a renderer does not start: SIGKILL')
    await starting.end()
  })
})

describe('a server', () => {
  const script = (then: string) => `
    import { openRenderer } from '${join(ROOT, 'src/renderer/processes.ts')}'
    const limits = ${JSON.stringify(LIMITS)}
    const renderer = openRenderer({ concurrency: 1, queueMax: 1, limits, onTrouble() {} })
    const picture = Buffer.from('${SMALL.toString('base64')}', 'base64')
    await renderer.session(async (session) => {
      await session.open({ sizeBytes: picture.length, pieces: [picture] })
      ${then}
    }, new AbortController().signal)`
  const run = async (then: string) =>
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script(then)], { cwd: ROOT })
  const pidOf = `const { execFileSync } = await import('node:child_process')
    const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    console.log(pids)`

  it('that is killed takes them along', async () => {
    const killed = await run(`${pidOf}; process.kill(process.pid, 'SIGKILL')`).catch((error) => error)
    const pids = String(killed.stdout).trim().split(/\s+/).map(Number)
    expect(pids.length).toBeGreaterThan(0)
    await expect.poll(() => pids.filter(isRunning), { timeout: 20_000 }).toEqual([])
  })

  it('is not kept from its end by those that are idle', async () => {
    expect((await run(`${pidOf}`)).stdout).toMatch(/\d/)
  })

  it('goes on with its other work while they have much to do', async () => {
    const { renderer } = rendererOf()
    const size = { width: 2600, height: 2600 }
    const noise = plain(size, 0, 0, 0)
    for (let at = 0; at < noise.data.length; at += 1) noise.data[at] = (Math.imul(at, 2_654_435_761) >>> 13) & 255
    const bytes = await sharpOf(noise).png({ compressionLevel: 0 }).toBuffer()
    expect(bytes.length).toBeGreaterThan(20_000_000)
    await renderer.session(hue, signal)
    const turns = { count: 0 }
    const turn = setInterval(() => {
      turns.count += 1
    })
    const result = await renderer.session(async (session) => {
      await session.open(streamed(bytes))
      return await session.render({ picture: 0, steps: [], output: { ...PNG, format: 'bmp' } })
    }, signal)
    clearInterval(turn)
    expect(result.bytes.length).toBeGreaterThan(20_000_000)
    // Of 20 MB each way, which come and go in hundreds of pieces.
    expect(turns.count).toBeGreaterThan(50)
  })
})
