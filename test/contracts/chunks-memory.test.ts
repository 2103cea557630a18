import { openMemoryStore } from '../../src/storage/chunks/memory/store.ts'
import { chunkStoreContract } from './chunks.ts'

chunkStoreContract({
  name: 'memory',
  open: async () => ({ store: openMemoryStore(), dispose: async () => undefined }),
})
