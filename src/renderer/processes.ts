import assert from 'node:assert/strict'
import type { Call } from './calls.ts'
import { Places } from './places.ts'
import type { Color, RenderPlan } from './plan.ts'
import { type Answer, RenderProcess } from './render-process.ts'
import {
  type OpenedPicture,
  type Rendered,
  type Renderer,
  RenderersBusy,
  type RenderLimits,
  type RenderSession,
  type StreamedBytes,
} from './renderer.ts'

/** A process that nobody has needed for so long is ended; the next picture waits for a new one to start. */
const IDLE_MS = 60_000
/** How long a process may take to forget pictures, before it is ended instead. */
const FORGET_MS = 5_000
/**
 * A process that holds more than this when it is idle is ended: memory that has come apart is not given back. With all
 * fonts in use it holds some 260 MiB.
 */
const IDLE_RSS_BYTES_MAX = 512 * 1024 * 1024

export interface RendererOptions {
  /** Sessions at once, each with a process of its own. */
  readonly concurrency: number
  /** Sessions that may wait for a place. */
  readonly queueMax: number
  readonly limits: RenderLimits
  /** Hears what an operator should look at. */
  readonly onTrouble: (message: string, details: object) => void
}

/** A renderer whose work is done in processes of their own: they start with the first picture, and end when idle. */
export function openRenderer(options: RendererOptions): Renderer {
  return new ProcessRenderer(options)
}

class ProcessRenderer implements Renderer {
  readonly #options: RendererOptions
  readonly #places: Places
  readonly #idle: { readonly process: RenderProcess; readonly timer: NodeJS.Timeout }[] = []
  readonly #processes = new Set<RenderProcess>()
  #isClosed = false

  constructor(options: RendererOptions) {
    this.#options = options
    this.#places = new Places({ size: options.concurrency, waitingMax: options.queueMax })
  }

  async session<T>(work: (session: RenderSession) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#places.take(signal)
    const session = new ProcessSession({
      signal,
      timeoutMs: this.#options.limits.timeoutMs,
      acquire: () => this.#acquire(),
    })
    try {
      return await work(session)
    } finally {
      // Whoever has got the result need not wait until the process is ready for the next one.
      void this.#retire(session.leave()).finally(() => this.#places.release())
    }
  }

  stats(): { readonly running: number; readonly waiting: number; readonly processes: number } {
    return { running: this.#places.taken, waiting: this.#places.waiting, processes: this.#processes.size }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#places.close()
    await Promise.all([...this.#processes].map((process) => this.#end(process)))
  }

  #acquire(): RenderProcess {
    if (this.#isClosed) throw new RenderersBusy('the renderers are being closed')
    while (this.#idle.length > 0) {
      const warm = this.#idle.pop()
      clearTimeout(warm?.timer)
      if (warm?.process.isAlive) return warm.process
      if (warm !== undefined) this.#processes.delete(warm.process)
      if (warm !== undefined) void this.#end(warm.process)
    }
    const { limits, onTrouble } = this.#options
    const process = new RenderProcess({ limits, onTrouble })
    this.#processes.add(process)
    return process
  }

  async #retire(left: RenderProcess | undefined): Promise<void> {
    if (left === undefined) return
    const isReady = left.isAlive && !this.#isClosed && (await this.#forget(left))
    if (!isReady || this.#isClosed) {
      await this.#end(left)
      return
    }
    const timer = setTimeout(() => void this.#end(left), IDLE_MS).unref()
    this.#idle.push({ process: left, timer })
  }

  /** Whether the process is as good as new. */
  async #forget(process: RenderProcess): Promise<boolean> {
    try {
      const options = { signal: new AbortController().signal, timeoutMs: FORGET_MS }
      const { value } = await process.call({ call: 'forget' }, options)
      return typeof value === 'number' && value <= IDLE_RSS_BYTES_MAX
    } catch {
      return false
    }
  }

  async #end(process: RenderProcess): Promise<void> {
    const at = this.#idle.findIndex((idle) => idle.process === process)
    for (const { timer } of at < 0 ? [] : this.#idle.splice(at, 1)) clearTimeout(timer)
    await process.end()
    this.#processes.delete(process)
  }
}

interface SessionParts {
  readonly signal: AbortSignal
  /** For all calls together. */
  readonly timeoutMs: number
  readonly acquire: () => RenderProcess
}

class ProcessSession implements RenderSession {
  readonly #parts: SessionParts
  #process: RenderProcess | undefined
  #spentMs = 0
  #hasLeft = false
  #isAtWork = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  async open(picture: StreamedBytes): Promise<OpenedPicture> {
    const { value } = await this.#call({ call: 'open' }, picture)
    return value as OpenedPicture
  }

  async render(plan: RenderPlan): Promise<Rendered> {
    const { value, body } = await this.#call({ call: 'render', plan })
    return { ...(value as Omit<Rendered, 'bytes'>), bytes: body }
  }

  async averageHue(picture: number): Promise<Color> {
    const { value } = await this.#call({ call: 'average-hue', picture })
    return value as Color
  }

  /** What was used, if anything was. A call that nobody waits for any more ends with its process. */
  leave(): RenderProcess | undefined {
    this.#hasLeft = true
    if (this.#isAtWork) void this.#process?.end()
    return this.#process
  }

  async #call(call: Call, body?: StreamedBytes): Promise<Answer> {
    assert(!this.#hasLeft && !this.#isAtWork, 'a session does one thing after the other, and nothing after its end')
    this.#isAtWork = true
    const startedMs = performance.now()
    try {
      const { signal, timeoutMs, acquire } = this.#parts
      signal.throwIfAborted()
      this.#process ??= acquire()
      const leftMs = Math.max(1, timeoutMs - this.#spentMs)
      return await this.#process.call(call, { body, signal, timeoutMs: leftMs })
    } finally {
      this.#isAtWork = false
      this.#spentMs += performance.now() - startedMs
    }
  }
}
