import { NO_CAPABILITIES, parseCapabilities } from '../../config/capabilities.ts'
import { Secret } from '../../config/config.ts'
import { type KeyRing, SealBroken } from '../../storage/keys/key-ring.ts'
import type { KeyRow, UserRow } from '../../storage/metadata/rows.ts'
import type { MetadataStore } from '../../storage/metadata/store.ts'
import { type AccessKey, type Account, Accounts } from '../accounts.ts'

/** Users read in one transaction: each brings its keys. */
const PAGE_USERS = 500

/** What the users are made of, in memory and on disk. */
export interface AccountStores {
  readonly metadata: MetadataStore
  readonly keyRing: KeyRing
}

export interface LoadedAccounts {
  readonly accounts: Accounts
  /** Access keys whose secrets the key ring does not open: nobody can sign with them. */
  readonly unreadable: readonly string[]
}

/** All that is stored, and the root account, whose key wins over a stored one of the same name. */
export async function loadAccounts(stores: AccountStores, root: AccessKey): Promise<LoadedAccounts> {
  const accounts = new Accounts([])
  const unreadable: string[] = []
  for await (const { user, keys } of storedUsers(stores.metadata)) {
    const opened = await openKeys(stores.keyRing, keys)
    accounts.put(accountOf(user), opened.keys)
    unreadable.push(...opened.unreadable)
  }
  accounts.put(root.account, [root])
  return { accounts, unreadable }
}

/** Makes the account in memory what is stored under this id. The root account is not stored, and stays. */
export async function reloadAccount(
  { accounts, ...stores }: AccountStores & { accounts: Accounts },
  id: string,
): Promise<void> {
  if (accounts.find(id)?.isRoot === true) return
  const stored = await stores.metadata.read(async (tx) => {
    const user = await tx.users.find(id)
    return user === undefined ? undefined : { user, keys: await tx.users.keys(id) }
  })
  if (stored === undefined) accounts.remove(id)
  else accounts.put(accountOf(stored.user), (await openKeys(stores.keyRing, stored.keys)).keys)
}

export interface StoredUser {
  readonly user: UserRow
  readonly keys: readonly KeyRow[]
}

/** All of them, in the order of ids; each page is a snapshot of its own. */
export async function* storedUsers(metadata: MetadataStore): AsyncGenerator<StoredUser> {
  for (let after: string | undefined; ; ) {
    const page = await readPage(metadata, after)
    yield* page
    after = page.at(-1)?.user.id
    if (page.length < PAGE_USERS) return
  }
}

function readPage(metadata: MetadataStore, after: string | undefined): Promise<StoredUser[]> {
  return metadata.read(async (tx) => {
    const page: StoredUser[] = []
    for (const user of await tx.users.list({ after, limit: PAGE_USERS })) {
      page.push({ user, keys: await tx.users.keys(user.id) })
    }
    return page
  })
}

function accountOf(user: UserRow): Account {
  const { id, tenant, uid, displayName, email, suspended, maxBuckets, quota, bucketQuota } = user
  // What is stored has been checked; a name that a later version knows grants nothing here.
  const caps = parseCapabilities(user.caps) ?? NO_CAPABILITIES
  return { id, tenant, uid, displayName, email, suspended, maxBuckets, caps, quota, bucketQuota, isRoot: false }
}

type OpenedKey = Pick<AccessKey, 'accessKey' | 'secretKey'>

/** A key that does not open is left out: it must not keep the others from being used. */
async function openKeys(keyRing: KeyRing, rows: readonly KeyRow[]) {
  const keys: OpenedKey[] = []
  const unreadable: string[] = []
  for (const row of rows) {
    const secretKey = await openSecret(keyRing, row)
    if (secretKey === undefined) unreadable.push(row.accessKey)
    else keys.push({ accessKey: row.accessKey, secretKey })
  }
  return { keys, unreadable }
}

/** Undefined where the key ring does not open it. */
export async function openSecret(keyRing: KeyRing, row: KeyRow): Promise<Secret | undefined> {
  try {
    return new Secret((await keyRing.open(row.sealedSecret, contextOf(row.accessKey))).toString('utf8'))
  } catch (cause) {
    if (cause instanceof SealBroken) return undefined
    throw cause
  }
}

export function sealSecret(keyRing: KeyRing, key: OpenedKey): Promise<Buffer> {
  return keyRing.seal(Buffer.from(key.secretKey.reveal(), 'utf8'), contextOf(key.accessKey))
}

/** So that a secret opens in the row of its own access key only. */
function contextOf(accessKey: string): string {
  return `access-key/${accessKey}`
}
