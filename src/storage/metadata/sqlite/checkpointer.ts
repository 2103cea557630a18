import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import type { CheckpointReply } from './checkpoint-worker.ts'
import { prepared } from './statement.ts'

/** Frames that are not in the database yet and make a checkpoint worth its two syncs: 16 MiB of pages. */
const PENDING_FRAMES = 4096
/**
 * A WAL of this many frames, 48 MiB, is started anew after a pass: writes wait while the last of it is copied. Looking
 * a page up takes the longer the longer the WAL is, and a start after a crash reads all of it.
 */
const WAL_FRAMES_RESTART = 12_288
/** At this many frames, 96 MiB, writes wait at once: they come faster than the disk takes them. */
const WAL_FRAMES_MAX = 24_576
/** A quiet server's WAL is emptied after this long, so that a later start has little to recover. */
const QUIET_MS = 30_000
/** The worker runs one statement; V8's default for a thread would be far more. */
const WORKER_HEAP_MIB = 16

interface WalState {
  /** Frames in the WAL, and how many of them are in the database already. */
  readonly log: number
  readonly checkpointed: number
}

export interface CheckpointerParts {
  readonly path: string
  readonly db: Database
  /** Holds writes back and lets them go again. */
  readonly writes: { pause(): void; resume(): void }
  readonly onWarn: (message: string, details: object) => void
}

/**
 * Moves committed pages from the WAL into the database, in a thread of its own: copying and syncing them would block
 * the event loop. A passive checkpoint runs beside writes, but never catches up with writes that do not pause; so at a
 * limit writes wait for one more passive pass, after which SQLite starts the WAL from its beginning.
 */
export class Checkpointer {
  readonly #parts: CheckpointerParts
  readonly #look
  readonly #timer: NodeJS.Timeout
  #worker: Worker | undefined
  #isBusy = false
  #isHolding = false
  #isClosed = false
  #commits = 0
  #commitsAtTick = 0
  #commitsDone = 0

  constructor(parts: CheckpointerParts) {
    this.#parts = parts
    this.#look = prepared<[], WalState>(parts.db, 'PRAGMA wal_checkpoint(NOOP)')
    this.#timer = setInterval(() => this.#tick(), QUIET_MS).unref()
  }

  afterCommit(): void {
    this.#commits += 1
    if (this.#isClosed) return
    // Asked after every commit: it takes 3 µs, a commit and its sync take some hundred.
    const state = this.#look().get()
    if (state === undefined || state.log - state.checkpointed < PENDING_FRAMES) return
    if (state.log > WAL_FRAMES_MAX) this.#hold()
    this.#request()
  }

  /** Ends the worker. What is left in the WAL is the caller's. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage('close')
    await ended
  }

  #tick(): void {
    const isQuiet = this.#commits === this.#commitsAtTick
    this.#commitsAtTick = this.#commits
    if (isQuiet && this.#commits !== this.#commitsDone) this.#request()
  }

  #hold(): void {
    this.#isHolding = true
    this.#parts.writes.pause()
  }

  #letGo(): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#parts.writes.resume()
  }

  #request(): void {
    if (this.#isBusy || this.#isClosed) return
    this.#isBusy = true
    this.#commitsDone = this.#commits
    this.#worker ??= this.#start()
    this.#worker.postMessage('checkpoint')
  }

  /** On the first request, so that it costs neither start-up time nor memory before it is needed. */
  #start(): Worker {
    // The source beside this file when run as .ts; in a bundle, the worker's bundle beside the main one.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./checkpoint-worker.${extension}`, import.meta.url), {
      workerData: { path: this.#parts.path },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB },
    })
    worker.unref()
    worker.on('message', (reply: CheckpointReply) => this.#onReply(reply))
    worker.on('error', (cause) => this.#onFailure(cause))
    worker.on('exit', () => {
      this.#worker = undefined
    })
    return worker
  }

  #onReply(reply: CheckpointReply): void {
    this.#isBusy = false
    if ('failure' in reply) {
      this.#parts.onWarn('a checkpoint of the metadata database failed', { failure: reply.failure })
      this.#letGo()
    } else {
      this.#afterPass(this.#look().get() ?? reply)
    }
  }

  /** A pass has copied most of the WAL; what was written beside it is little, and quickly copied while none is. */
  #afterPass(state: WalState): void {
    const isDone = state.checkpointed >= state.log
    if (!isDone && (this.#isHolding || state.log > WAL_FRAMES_RESTART)) {
      this.#hold()
      this.#request()
    } else {
      this.#letGo()
    }
  }

  /** Without its worker the checkpoint runs here: a pause now and then is better than a WAL without end. */
  #onFailure(cause: unknown): void {
    this.#isBusy = false
    this.#parts.onWarn('the checkpoint worker failed', { cause })
    if (!this.#isClosed) this.#parts.db.pragma('wal_checkpoint(PASSIVE)')
    this.#letGo()
  }
}
