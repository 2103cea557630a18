import type { ChunkStores } from '../../src/storage/chunks/store.ts'

/** The same stores behind an object of their own, with what a test puts in place of some methods. */
export function forwardChunks(chunks: ChunkStores, over: Partial<ChunkStores> = {}): ChunkStores {
  return {
    isDivided: chunks.isDivided,
    storeOf: (storageClass) => chunks.storeOf(storageClass),
    put: (file, source, options) => chunks.put(file, source, options),
    read: (file, range, options) => chunks.read(file, range, options),
    lend: (file, range, options) => chunks.lend(file, range, options),
    remove: (files) => chunks.remove(files),
    list: () => chunks.list(),
    verify: (file, sizeBytes, range) => chunks.verify(file, sizeBytes, range),
    close: () => chunks.close(),
    ...over,
  }
}
