import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { openSqliteStore } from '../../src/storage/metadata/sqlite/store.ts'
import type { MetadataPlace } from './metadata/fixture.ts'
import { metadataContract } from './metadata.ts'

describe.each(['sync', 'relaxed'] as const)('the metadata contract on SQLite, %s', (durability) => {
  metadataContract(async (): Promise<MetadataPlace> => {
    const dir = await mkdtemp(join(tmpdir(), 'cozos-sqlite-'))
    return {
      open: () => openSqliteStore({ dir, durability }),
      remove: () => rm(dir, { recursive: true }),
    }
  })
})
