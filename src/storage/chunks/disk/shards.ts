import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFailure } from './failure.ts'
import { shardDir } from './layout.ts'

/** The directories that chunks are spread over, made when the first chunk needs them. */
export class Shards {
  readonly #dir: string
  readonly #durable: boolean
  /** By the first four hex digits; a failed attempt is forgotten and made again. At most 65,536. */
  readonly #made = new Map<string, Promise<void>>()

  constructor(dir: string, options: { durable: boolean }) {
    this.#dir = dir
    this.#durable = options.durable
  }

  /** Makes the directory of this chunk unless it is there, durably where asked for. */
  ensure(name: string): Promise<void> {
    const shard = name.slice(0, 4)
    const known = this.#made.get(shard)
    if (known !== undefined) return known
    const made = this.#make(shardDir(this.#dir, name))
    this.#made.set(shard, made)
    made.catch(() => this.#made.delete(shard))
    return made
  }

  async #make(path: string): Promise<void> {
    try {
      const firstMade = await mkdir(path, { recursive: true })
      if (firstMade === undefined || !this.#durable) return
      // A new directory is an entry of its parent, which may be new itself.
      await Promise.all([syncDirectory(dirname(path)), syncDirectory(this.#dir)])
    } catch (cause) {
      throw writeFailure(cause)
    }
  }
}

/** Makes the entries of a directory durable: renames and new files in it outlive a power cut from here on. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
