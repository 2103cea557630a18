import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { openSqliteStore } from '../../../../src/storage/metadata/sqlite/store.ts'
import type { MetadataStore } from '../../../../src/storage/metadata/store.ts'

export interface Folder {
  readonly dir: string
  readonly warnings: readonly string[]
  /** Opens a store that is closed after the test. */
  open(durability?: 'sync' | 'relaxed'): Promise<MetadataStore>
}

export function useFolder(): Folder {
  let dir: string
  let warnings: string[]
  let opened: MetadataStore[]
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cozos-sqlite-'))
    warnings = []
    opened = []
  })
  afterEach(async () => {
    for (const store of opened) await store.close()
    await rm(dir, { recursive: true })
  })
  return {
    get dir() {
      return dir
    },
    get warnings() {
      return warnings
    },
    async open(durability = 'sync') {
      const onWarn = (message: string) => warnings.push(message)
      const store = await openSqliteStore({ dir, durability, onWarn })
      opened.push(store)
      return store
    },
  }
}

export interface Child {
  /** Lines of its standard output, as they come. */
  readonly lines: AsyncIterableIterator<string>
  kill(): void
  readonly exited: Promise<number | null>
}

/** A process of its own: `writer.ts` with these arguments, its files limited to so many KiB. */
export function startWriter(args: readonly string[], fileKibMax?: number): Child {
  const script = join(import.meta.dirname, 'writer.ts')
  const limit = fileKibMax === undefined ? '' : `ulimit -f ${fileKibMax}; `
  const command = `${limit}exec "$0" "$@"`
  const child = spawn('bash', ['-c', command, process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  async function* lines() {
    let rest = ''
    for await (const text of child.stdout.setEncoding('utf8')) {
      const whole = (rest + text).split('\n')
      rest = whole.pop() ?? ''
      yield* whole
    }
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return { lines: lines(), kill: () => void child.kill('SIGKILL'), exited }
}
