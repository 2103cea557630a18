import { resolve } from 'node:path'
import { chunksFolder } from '../config/chunks-folder.ts'
import type { Config } from '../config/config.ts'
import { ROOT_ID } from '../config/defaults.ts'
import { PolicyCache } from '../domain/access/policy/cache.ts'
import { storeConfiguredUsers } from '../domain/accounts/configured.ts'
import { type AccountStores, loadAccounts } from '../domain/accounts/load.ts'
import type { Accounts } from '../domain/accounts.ts'
import { ReadPins } from '../domain/bytes/pins.ts'
import { rootAccount } from '../domain/configured.ts'
import { SOURCE_PIXELS_MAX, SOURCE_SIDE_PX_MAX } from '../domain/images/limits.ts'
import { Renderings } from '../domain/images/renderings.ts'
import { KeyPatterns } from '../domain/notifications/key-pattern.ts'
import type { EventRules } from '../domain/notifications/rules.ts'
import { Records } from '../domain/recording/records.ts'
import type { Services } from '../domain/services.ts'
import { assertFoldersNamed, folderOwner } from '../domain/storage-classes/folders.ts'
import type { Clock } from '../lib/clock.ts'
import type { IdSource } from '../lib/ids.ts'
import type { Logger } from '../lib/logger.ts'
import { openRenderer } from '../renderer/processes.ts'
import type { Renderer } from '../renderer/renderer.ts'
import { openDiskStores } from '../storage/chunks/disk/stores.ts'
import type { ChunkStores } from '../storage/chunks/store.ts'
import type { KeyRing } from '../storage/keys/key-ring.ts'
import { openLocalKeyRing } from '../storage/keys/local.ts'
import { openVaultKeyRing } from '../storage/keys/vault.ts'
import { openSqliteStore } from '../storage/metadata/sqlite/store.ts'
import { type EventParts, openEvents } from './events.ts'

export interface Opening {
  readonly config: Config
  readonly ids: IdSource
  /** How events are told. */
  readonly eventRules: EventRules
  readonly dataDir: string
  readonly log: Logger
  readonly clock: Clock
}

/** Opens the stores and what works with them. */
export async function openServices(
  { config, ids, dataDir, log, clock, eventRules }: Opening,
  stack: AsyncDisposableStack,
): Promise<{ services: Services; events: EventParts }> {
  const { durability } = config
  const onWarn = (message: string, details: object): void => log.warn(details, message)
  const metadata = await openSqliteStore({ dir: dataDir, durability, onWarn })
  stack.defer(() => metadata.close())
  const chunks = await openChunks({ config, dataDir }, { metadata, ids })
  stack.defer(() => chunks.close())
  // Behind the metadata, whose lock keeps other processes off the directory.
  const keyRing = await openKeyRing(config.keys, { dir: dataDir, onWarn })
  const accounts = await openAccounts({ config, log }, { metadata, keyRing, nowMs: clock.now() })
  const events = openEvents({ config, log, clock, eventRules }, { metadata, keyRing }, stack)
  const { limits, region } = config
  const services = {
    metadata,
    chunks,
    pins: new ReadPins(),
    keyRing,
    accounts,
    policies: new PolicyCache(),
    keyPatterns: new KeyPatterns(),
    outlet: events.outlet,
    renderer: startRenderer({ config, log }, stack),
    renderings: new Renderings({
      cacheBytes: config.images.cacheBytes,
      onNotKept: (cause) => log.warn({ err: cause }, 'a rendered picture could not be kept'),
    }),
    records: new Records(),
    clock,
    ids,
    limits,
    dayMs: config.lifecycle.dayMs,
    restoreDelayMs: config.restore.delayMs,
    region,
  }
  return { services, events }
}

/** Its processes start with the first picture. */
function startRenderer({ config, log }: Pick<Opening, 'config' | 'log'>, stack: AsyncDisposableStack): Renderer {
  const { concurrency, queueMax, timeoutMs, memoryBytes } = config.images
  const renderer = openRenderer({
    concurrency,
    queueMax,
    limits: { sidePx: SOURCE_SIDE_PX_MAX, pixels: SOURCE_PIXELS_MAX, timeoutMs, memoryBytes },
    onTrouble: (message, details) => log.warn(details, message),
  })
  stack.defer(() => renderer.close())
  return renderer
}

/** Behind the metadata, whose lock keeps other processes off the directory. */
async function openChunks(
  { config, dataDir }: Pick<Opening, 'config' | 'dataDir'>,
  { metadata, ids }: Pick<Services, 'metadata' | 'ids'>,
): Promise<ChunkStores> {
  const { durability } = config
  const folders = [...config.chunks.classes].map(([name, { dir }]) => [name, resolve(chunksFolder(dir))] as const)
  const classes = new Map(folders)
  await assertFoldersNamed(metadata, new Set(classes.keys()))
  const ownerId = classes.size === 0 ? '' : await folderOwner(metadata, ids)
  return await openDiskStores({ dir: chunksFolder(dataDir), durability, classes, ownerId })
}

async function openKeyRing(
  { provider, kms: keys, autoCreate, vault }: Config['keys'],
  local: { dir: string; onWarn: (message: string, details: object) => void },
): Promise<KeyRing> {
  const kms = { keys, autoCreate }
  if (provider === 'local' || vault === undefined) return openLocalKeyRing({ ...local, kms })
  return await openVaultKeyRing({ ...vault, kms, token: () => vault.token.reveal() })
}

async function openAccounts(
  { config, log }: Pick<Opening, 'config' | 'log'>,
  { nowMs, ...stores }: AccountStores & { nowMs: number },
): Promise<Accounts> {
  await storeConfiguredUsers(stores, config.users, nowMs)
  const root = { ...config.root, account: rootAccount(ROOT_ID) }
  const { accounts, unreadable } = await loadAccounts(stores, root)
  if (unreadable.length > 0) {
    log.error(
      { unreadable },
      'the key ring is not the one that these access keys were sealed with: nobody can use them',
    )
  }
  return accounts
}
