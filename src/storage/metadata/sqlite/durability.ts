import { close, closeSync, fdatasync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { S3Error } from '../../../errors.ts'
import { UncertainCommit } from '../store.ts'

const fdatasyncAsync = promisify(fdatasync)
const closeAsync = promisify(close)

/**
 * Makes committed transactions durable: an fdatasync of the WAL in libuv's thread pool. The WAL is one sequence, so
 * whoever waits while a sync runs is served by one more sync behind it, all of them together.
 */
export class Durability {
  /** Undefined when nothing is to be synced (durability `relaxed`). */
  readonly #wal: number | undefined
  readonly #onIdle: () => void
  #running = false
  #waiting: ((failure: unknown) => void)[] = []
  #failure: unknown

  constructor(wal: number | undefined, onIdle: () => void) {
    this.#wal = wal
    this.#onIdle = onIdle
  }

  /** Opens the WAL, which exists by now, on a descriptor of its own, and makes its name in the folder durable. */
  static open(path: string, onIdle: () => void): Durability {
    // Locks of POSIX die with any descriptor of a file that is closed, but SQLite locks the database and the
    // shared memory, never the WAL.
    const wal = openSync(`${path}-wal`, 'r+')
    syncFolder(dirname(path))
    return new Durability(wal, onIdle)
  }

  /** Why nothing can be written any more: after a failed sync the kernel may have dropped what it should have kept. */
  get failure(): unknown {
    return this.#failure
  }

  get isSyncing(): boolean {
    return this.#running
  }

  /** Calls back when all that is committed so far is durable, with the failure if it is not. */
  afterSync(done: (failure: unknown) => void): void {
    if (this.#wal === undefined) {
      done(undefined)
      return
    }
    this.#waiting.push(done)
    if (!this.#running) void this.#run(this.#wal)
  }

  async close(): Promise<void> {
    if (this.#wal !== undefined) await closeAsync(this.#wal)
  }

  async #run(wal: number): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      const served = this.#waiting
      this.#waiting = []
      try {
        if (this.#failure === undefined) await fdatasyncAsync(wal)
      } catch (cause) {
        this.#failure = new S3Error('ServiceUnavailable', { message: 'The storage reports an error.', cause })
      }
      // These are committed already: readers see them, and nobody knows what a power failure would leave of them.
      const outcome = this.#failure === undefined ? undefined : new UncertainCommit(this.#failure)
      for (const done of served) done(outcome)
    }
    this.#running = false
    this.#onIdle()
  }
}

/** Makes the names in a folder durable. Windows has no such call. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
