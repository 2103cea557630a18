import { isDeepStrictEqual } from 'node:util'
import { formatCapabilities } from '../../config/capabilities.ts'
import type { Secret, UserConfig } from '../../config/config.ts'
import { fullUserId } from '../../config/names.ts'
import type { KeyRow, UserRow } from '../../storage/metadata/rows.ts'
import { UniqueViolation, type WriteTransaction } from '../../storage/metadata/store.ts'
import { type AccountStores, openSecret, sealSecret, storedUsers } from './load.ts'

interface Changes {
  readonly users: readonly UserRow[]
  readonly keys: readonly KeyRow[]
  readonly goneKeys: readonly string[]
}

/**
 * Makes what is stored agree with the users of the configuration. They are created where they are missing, and what the
 * configuration says of them holds again at every start, also what it says by leaving it out. Their keys are added, or
 * get the configured secret. Keys that came from it and stand in it no longer are removed; keys that were made at run
 * time stay, and so does a user that it no longer names. A start without a difference writes nothing.
 * @throws Error for an e-mail address that another user has
 */
export async function storeConfiguredUsers(
  stores: AccountStores,
  configured: readonly UserConfig[],
  nowMs: number,
): Promise<void> {
  const { users, keys, goneKeys } = await changesOf(stores, configured, nowMs)
  if (users.length === 0 && keys.length === 0 && goneKeys.length === 0) return
  await stores.metadata.write(async (tx) => {
    // 1. Addresses are let go before others take them: two users may have changed theirs over.
    for (const user of users) await releaseEmail(tx, user)
    for (const user of users) await putUser(tx, user)
    // 2. Keys that go make room for those that come: one may have moved from one user to the other.
    for (const accessKey of goneKeys) await tx.users.removeKey(accessKey)
    for (const key of keys) await tx.users.putKey(key)
  })
}

/** Nothing else changes users before the start is over, so what is read here holds in the transaction behind it. */
async function changesOf(stores: AccountStores, configured: readonly UserConfig[], nowMs: number): Promise<Changes> {
  const stored = await readStored(stores)
  const users: UserRow[] = []
  const keys: KeyRow[] = []
  const configuredKeys = new Set(configured.flatMap((user) => user.keys.map((key) => key.accessKey)))
  for (const config of configured) {
    const row = rowOf(config, nowMs)
    const known = stored.users.get(row.id)
    const wanted = known === undefined ? row : { ...row, createdMs: known.createdMs }
    if (!isDeepStrictEqual(known, wanted)) users.push(wanted)
    for (const key of config.keys) {
      const before = stored.keys.get(key.accessKey)
      if (before !== undefined && (await isSame(stores, before, { ...key, userId: row.id }))) continue
      const sealedSecret = await sealSecret(stores.keyRing, key)
      const { accessKey } = key
      keys.push({ accessKey, userId: row.id, sealedSecret, isConfigured: true, createdMs: nowMs })
    }
  }
  const names = new Set(configured.map(({ tenant, id }) => fullUserId({ tenant, uid: id })))
  for (const user of stored.users.values()) {
    if (user.isConfigured && !names.has(user.id)) users.push({ ...user, isConfigured: false })
  }
  const gone = [...stored.keys.values()].filter((key) => key.isConfigured && !configuredKeys.has(key.accessKey))
  return { users, keys, goneKeys: gone.map((key) => key.accessKey) }
}

async function readStored({ metadata }: AccountStores) {
  const users = new Map<string, UserRow>()
  const keys = new Map<string, KeyRow>()
  for await (const stored of storedUsers(metadata)) {
    users.set(stored.user.id, stored.user)
    for (const key of stored.keys) keys.set(key.accessKey, key)
  }
  return { users, keys }
}

function rowOf({ id: uid, tenant, ...user }: UserConfig, nowMs: number): UserRow {
  const { displayName, email, suspended, maxBuckets, caps, quota, bucketQuota } = user
  return {
    id: fullUserId({ tenant, uid }),
    tenant,
    uid,
    displayName,
    email,
    suspended,
    maxBuckets,
    caps: formatCapabilities(caps),
    quota,
    bucketQuota,
    isConfigured: true,
    createdMs: nowMs,
  }
}

async function isSame(
  { keyRing }: AccountStores,
  stored: KeyRow,
  wanted: { userId: string; secretKey: Secret },
): Promise<boolean> {
  if (!stored.isConfigured || stored.userId !== wanted.userId) return false
  return (await openSecret(keyRing, stored))?.reveal() === wanted.secretKey.reveal()
}

async function releaseEmail(tx: WriteTransaction, user: UserRow): Promise<void> {
  const before = await tx.users.find(user.id)
  if (before?.email !== undefined && before.email !== user.email) await tx.users.put({ ...before, email: undefined })
}

async function putUser(tx: WriteTransaction, user: UserRow): Promise<void> {
  try {
    await tx.users.put(user)
  } catch (cause) {
    if (!(cause instanceof UniqueViolation)) throw cause
    throw new Error(`the user ${user.id} cannot have the e-mail address ${user.email}: another user has it`, { cause })
  }
}
