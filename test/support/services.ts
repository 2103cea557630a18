import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Accounts } from '../../src/domain/accounts.ts'
import { ReadPins } from '../../src/domain/bytes/pins.ts'
import { DEFAULT_LIMITS, type Limits } from '../../src/domain/limits.ts'
import type { Services } from '../../src/domain/services.ts'
import { IdSource } from '../../src/lib/ids.ts'
import { openDiskStore } from '../../src/storage/chunks/disk/store.ts'
import { openSqliteStore } from '../../src/storage/metadata/sqlite/store.ts'

/** A clock that a test moves. */
export class MovedClock {
  nowMs: number

  constructor(nowMs = Date.UTC(2030, 0, 1)) {
    this.nowMs = nowMs
  }

  now(): number {
    return this.nowMs
  }
}

export interface TestServices extends Services {
  readonly clock: MovedClock
  readonly dir: string
  dispose(): Promise<void>
}

/** Real engines in a folder of their own, without a server in front. */
export async function openServices(limits: Partial<Limits> = {}): Promise<TestServices> {
  const dir = await mkdtemp(join(tmpdir(), 'cozos-services-'))
  const metadata = await openSqliteStore({ dir, durability: 'relaxed' })
  const chunks = await openDiskStore({ dir: join(dir, 'chunks'), durability: 'relaxed' })
  return {
    dir,
    metadata,
    chunks,
    pins: new ReadPins(),
    accounts: new Accounts([]),
    clock: new MovedClock(),
    ids: new IdSource(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    region: 'default',
    dispose: async () => {
      await metadata.close()
      await chunks.close()
      await rm(dir, { recursive: true })
    },
  }
}
