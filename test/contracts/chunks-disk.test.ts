import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskStore } from '../../src/storage/chunks/disk/store.ts'
import { chunkStoreContract } from './chunks.ts'

for (const durability of ['sync', 'relaxed'] as const) {
  chunkStoreContract({
    name: `disk, ${durability}`,
    open: async () => {
      const dir = await mkdtemp(join(tmpdir(), 'cozos-chunks-'))
      const store = await openDiskStore({ dir: join(dir, 'chunks'), durability })
      return { store, dispose: () => rm(dir, { recursive: true }) }
    },
  })
}
