import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import type { ChunkFile, ChunkStore, ChunkStores, LentBytes } from './store.ts'

type Range = { readonly offsetBytes: number; readonly lengthBytes: number }

/** Stores by storage class; the default store's name is empty. */
export function joinStores(stores: ReadonlyMap<string, ChunkStore>): ChunkStores {
  return new JoinedStores(stores)
}

class JoinedStores implements ChunkStores {
  readonly #stores: ReadonlyMap<string, ChunkStore>

  constructor(stores: ReadonlyMap<string, ChunkStore>) {
    assert(stores.has(''), 'there is a default store')
    this.#stores = stores
  }

  get isDivided(): boolean {
    return this.#stores.size > 1
  }

  storeOf(storageClass: string): string {
    return this.#stores.has(storageClass) ? storageClass : ''
  }

  async put(
    { name, store }: ChunkFile,
    source: AsyncIterable<Buffer>,
    options: { signal: AbortSignal },
  ): Promise<{ sizeBytes: number }> {
    return await this.#at(store).put(name, source, options)
  }

  read({ name, store }: ChunkFile, range: Range, options: { signal: AbortSignal }): Readable {
    return this.#at(store).read(name, range, options)
  }

  lend({ name, store }: ChunkFile, range: Range, options: { signal: AbortSignal }): LentBytes {
    return this.#at(store).lend(name, range, options)
  }

  /** One store that fails does not keep the others. */
  async remove(files: readonly ChunkFile[]): Promise<void> {
    const byStore = Map.groupBy(files, ({ store }) => store)
    const removals = [...byStore].map(async ([store, group]) => this.#at(store).remove(group.map(({ name }) => name)))
    const failed = (await Promise.allSettled(removals)).find((removal) => removal.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async *list(): AsyncGenerator<ChunkFile & { modifiedMs: number }, void, void> {
    for (const [store, chunks] of this.#stores) {
      for await (const { name, modifiedMs } of chunks.list()) yield { name, store, modifiedMs }
    }
  }

  async verify({ name, store }: ChunkFile, sizeBytes: number, range?: Range): Promise<void> {
    await this.#at(store).verify(name, sizeBytes, range)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()))
  }

  /** The start has seen to it that the configuration names every folder that rows refer to. */
  #at(store: string): ChunkStore {
    const chunks = this.#stores.get(store)
    assert(chunks !== undefined, `no folder is configured for the chunks of class ${store}`)
    return chunks
  }
}
