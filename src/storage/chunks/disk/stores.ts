import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChunkStore, ChunkStores } from '../store.ts'
import { joinStores } from '../stores.ts'
import { errorCode } from './failure.ts'
import { type DiskStoreOptions, openDiskStore } from './store.ts'

/** In the folder of a storage class: which data directory it belongs to. */
const OWNER_FILE = 'owner'

export interface DiskStoresOptions extends DiskStoreOptions {
  /** The folders of storage classes that have one of their own. */
  readonly classes: ReadonlyMap<string, string>
  /** Names the database whose rows refer to the chunks. */
  readonly ownerId: string
}

/**
 * Opens the chunk files under `dir` and those of the classes' folders, which are made where they are missing.
 * @throws Error naming the folder that cannot be used, or that belongs to another data directory
 */
export async function openDiskStores({ classes, ownerId, ...options }: DiskStoresOptions): Promise<ChunkStores> {
  const stores = new Map<string, ChunkStore>([['', await openDiskStore(options)]])
  for (const [name, dir] of classes) {
    // Before the store is opened, which removes what uploads left half-written.
    await claim(dir, ownerId)
    stores.set(name, await openDiskStore({ ...options, dir }))
  }
  return joinStores(stores)
}

/** A scrub removes the files that its own rows do not know: two servers on one folder would remove each other's. */
async function claim(dir: string, ownerId: string): Promise<void> {
  const path = join(dir, OWNER_FILE)
  const owner = await ownerOf(path, ownerId).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The chunk directory ${dir} cannot be used: ${detail}`, { cause })
  })
  if (owner === ownerId) return
  throw new Error(
    `The chunk directory ${dir} belongs to another data directory: each needs folders of its own. ` +
      `If that one is gone for good, remove ${path}`,
  )
}

async function ownerOf(path: string, ownerId: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true })
  try {
    await writeFile(path, ownerId, { flag: 'wx' })
    return ownerId
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause
    return (await readFile(path, 'utf8')).trim()
  }
}
