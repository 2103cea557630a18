import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PolicyCache } from '../../src/domain/access/policy/cache.ts'
import { Accounts } from '../../src/domain/accounts.ts'
import { ReadPins } from '../../src/domain/bytes/pins.ts'
import { SOURCE_PIXELS_MAX, SOURCE_SIDE_PX_MAX } from '../../src/domain/images/limits.ts'
import { Renderings } from '../../src/domain/images/renderings.ts'
import { DEFAULT_LIMITS, type Limits } from '../../src/domain/limits.ts'
import { KeyPatterns } from '../../src/domain/notifications/key-pattern.ts'
import { Records } from '../../src/domain/recording/records.ts'
import type { Services } from '../../src/domain/services.ts'
import { IdSource } from '../../src/lib/ids.ts'
import { openRenderer } from '../../src/renderer/processes.ts'
import type { Renderer } from '../../src/renderer/renderer.ts'
import { openDiskStores } from '../../src/storage/chunks/disk/stores.ts'
import { openLocalKeyRing } from '../../src/storage/keys/local.ts'
import { openSqliteStore } from '../../src/storage/metadata/sqlite/store.ts'
import { KeptOutlet } from './outlet.ts'

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

/** One picture at a time; whatever goes wrong is an error. */
function openTestRenderer(): Renderer {
  return openRenderer({
    concurrency: 1,
    queueMax: 16,
    limits: { sidePx: SOURCE_SIDE_PX_MAX, pixels: SOURCE_PIXELS_MAX, timeoutMs: 30_000, memoryBytes: 1024 ** 3 },
    onTrouble: (message, details) => {
      throw new Error(message, { cause: details })
    },
  })
}

/** Where the chunks of a class are that has a folder of its own. */
export function classDir({ dir }: Pick<TestServices, 'dir'>, storageClass: string): string {
  return join(dir, 'classes', storageClass)
}

/** Real engines in a folder of their own, without a server in front. These classes have folders of their own in it. */
export async function openServices(
  limits: Partial<Limits> = {},
  ownFolders: readonly string[] = [],
): Promise<TestServices> {
  const dir = await mkdtemp(join(tmpdir(), 'cozos-services-'))
  const metadata = await openSqliteStore({ dir, durability: 'relaxed' })
  const classes = new Map(ownFolders.map((name) => [name, classDir({ dir }, name)]))
  const chunkDir = join(dir, 'chunks')
  const renderer = openTestRenderer()
  const chunks = await openDiskStores({ dir: chunkDir, durability: 'relaxed', classes, ownerId: 'test' })
  return {
    dir,
    metadata,
    chunks,
    pins: new ReadPins(),
    keyRing: openLocalKeyRing({ dir }),
    accounts: new Accounts([]),
    policies: new PolicyCache(),
    keyPatterns: new KeyPatterns(),
    outlet: new KeptOutlet(),
    renderer,
    renderings: new Renderings({
      cacheBytes: 64 * 1024 * 1024,
      onNotKept: (cause) => {
        throw cause
      },
    }),
    records: new Records(),
    clock: new MovedClock(),
    ids: new IdSource(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    dayMs: 24 * 60 * 60 * 1000,
    restoreDelayMs: 2_000,
    region: 'default',
    dispose: async () => {
      await renderer.close()
      await metadata.close()
      await chunks.close()
      await rm(dir, { recursive: true })
    },
  }
}
