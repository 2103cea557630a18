import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Call, RESULT_BYTES_MAX, type Reply, SOCKET_FD } from './calls.ts'
import { RenderersBusy, RenderFailed, type RenderLimits, type StreamedBytes } from './renderer.ts'
import { type Message, MessageReader, sendMessage, streamMessage } from './wire.ts'

/** How long a process may take until it can work: loading takes a quarter of a second on an idle machine. */
const BEGIN_MS = 30_000
/** Of what a process has written to stderr, the end of which says why it has died. */
const STDERR_CHARS = 2_000
/** V8's heap, which holds no pixels. */
const HEAP_MIB = 128

/** What a process is told of its surroundings: nothing of the server's. glibc keeps less memory with two arenas. */
const ENVIRONMENT = ['PATH', 'SystemRoot', 'TMPDIR', 'TZ']

export interface Answer {
  readonly value: unknown
  readonly body: Buffer
}

export interface RenderProcessParts {
  readonly limits: RenderLimits
  readonly onTrouble: (message: string, details: object) => void
}

interface Pending {
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: unknown) => void
}

/**
 * One process that renders. It does one call at a time; whoever wants to hear no more of a call ends the process.
 * @throws never: what fails when it starts, the first call says
 */
export class RenderProcess {
  readonly #parts: RenderProcessParts
  readonly #child: ChildProcess
  readonly #socket: Socket | undefined
  readonly #exited: Promise<void>
  readonly #reader = new MessageReader({
    bodyBytesMax: RESULT_BYTES_MAX,
    onMessage: (message) => this.#onMessage(message),
  })
  #pending: Pending | undefined
  #begun: Promise<Answer> | undefined
  #hasBegun = false
  /** Why it has ended. */
  #end: { readonly reason: unknown } | undefined
  #stderr = ''

  constructor(parts: RenderProcessParts) {
    this.#parts = parts
    this.#child = start()
    this.#exited = new Promise((resolve) => {
      const onEnd = (how: string, cause?: unknown): void => {
        this.#onExit(how, cause)
        resolve()
      }
      this.#child.once('exit', (code, signal) => onEnd(signal ?? `code ${code}`))
      this.#child.once('error', (cause) => onEnd('not started', cause))
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS)
    })
    // Node makes no pipes where no descriptor is left, whatever its types say.
    const socket = this.#child.stdio?.[SOCKET_FD]
    this.#socket = socket instanceof Socket ? socket : undefined
    this.#socket?.on('data', (bytes) => this.#onData(bytes))
    // The exit says it.
    this.#socket?.on('error', () => undefined)
    this.#keepAlive(false)
  }

  get isAlive(): boolean {
    return this.#end === undefined
  }

  /** Of the process, as the operating system counts. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * @throws RenderFailed when the picture is to blame, also when it has brought the process down; Error otherwise; the
   * signal's reason. After an abort and after `timeoutMs` the process is at its end.
   */
  async call(call: Call, { body, signal, timeoutMs }: CallOptions): Promise<Answer> {
    signal.throwIfAborted()
    this.#begun ??= this.#begin()
    await this.#within(this.#begun, { signal, timeoutMs: BEGIN_MS, late: () => new Error('a renderer does not begin') })
    signal.throwIfAborted()
    const late = (): RenderFailed => new RenderFailed('timeout', 'The picture takes more time than it may.')
    return await this.#within(this.#send(call, body), { signal, timeoutMs, late })
  }

  /** At once, whatever it does; who waits for it is told the reason. */
  async end(reason: unknown = new RenderersBusy('the renderers are being closed')): Promise<void> {
    this.#stop(reason)
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  #begin(): Promise<Answer> {
    const { limits } = this.#parts
    return this.#send({ call: 'begin', limits }).then((answer) => {
      this.#hasBegun = true
      return answer
    })
  }

  async #send(call: Call, body?: StreamedBytes): Promise<Answer> {
    if (this.#socket === undefined) await this.#exited
    if (this.#end !== undefined) throw this.#end.reason
    assert(this.#socket !== undefined)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#pending = { resolve, reject }
    this.#keepAlive(true)
    if (body === undefined) {
      sendMessage(this.#socket, call)
      return await promise
    }
    const sent = streamMessage(this.#socket, call, body).catch((cause: unknown) => this.end(cause))
    try {
      return await promise
    } finally {
      await sent
    }
  }

  async #within(work: Promise<Answer>, { signal, timeoutMs, late }: Bounds): Promise<Answer> {
    const { promise: stopped, reject } = Promise.withResolvers<never>()
    const stop = (reason: unknown): void => {
      reject(reason)
      void this.end(reason)
    }
    const onAbort = (): void => stop(signal.reason)
    const timer = setTimeout(() => stop(late()), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([work, stopped])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      // What the end of the process will say then.
      work.catch(() => undefined)
      stopped.catch(() => undefined)
    }
  }

  #onData(bytes: Buffer): void {
    try {
      this.#reader.take(bytes)
    } catch (cause) {
      this.#parts.onTrouble('a renderer talks nonsense', { cause })
      void this.end(new Error('a renderer talks nonsense', { cause }))
    }
  }

  #onMessage({ head, body }: Message): void {
    const pending = this.#pending
    this.#pending = undefined
    this.#keepAlive(false)
    const reply = head as Reply
    if ('failure' in reply) {
      const { reason, message, cause } = reply.failure
      pending?.reject(new RenderFailed(reason, message, { cause }))
    } else if ('error' in reply) {
      pending?.reject(new Error(`a renderer has failed: ${reply.error}`))
    } else {
      pending?.resolve({ value: reply.value, body })
    }
  }

  #onExit(how: string, cause: unknown): void {
    this.#socket?.destroy()
    if (this.#end !== undefined) return
    this.#parts.onTrouble('a renderer has died', { how, stderr: this.#stderr, cause })
    this.#stop(this.#hasBegun ? deathOf(how) : new Error(`a renderer does not start: ${how}`, { cause }))
  }

  #stop(reason: unknown): void {
    this.#end ??= { reason }
    this.#pending?.reject(reason)
    this.#pending = undefined
  }

  /** Only a process that works for somebody keeps the server from its end. */
  #keepAlive(isAtWork: boolean): void {
    const method = isAtWork ? 'ref' : 'unref'
    this.#child[method]()
    this.#socket?.[method]()
    if (this.#child.stderr instanceof Socket) this.#child.stderr.unref()
  }
}

export interface CallOptions {
  readonly body?: StreamedBytes | undefined
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

interface Bounds {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly late: () => unknown
}

function start(): ChildProcess {
  // The source in its folder when run as .ts; in a bundle, the process's bundle beside the main one.
  const isSource = import.meta.url.endsWith('.ts')
  const entry = new URL(isSource ? './sharp/render-worker.ts' : './render-worker.js', import.meta.url)
  const told = ENVIRONMENT.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return spawn(process.execPath, ['--expose-gc', `--max-old-space-size=${HEAP_MIB}`, fileURLToPath(entry)], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(told), MALLOC_ARENA_MAX: '2' },
    windowsHide: true,
  })
}

/** The kernel ends what takes too much memory with SIGKILL, and a process that watches its own does the same. */
function deathOf(how: string): RenderFailed {
  return how === 'SIGKILL'
    ? new RenderFailed('out-of-memory', 'The picture takes too much memory.')
    : new RenderFailed('damaged', 'The picture cannot be read.', { cause: `the renderer ended with ${how}` })
}
