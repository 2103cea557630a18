import type { Capabilities } from '../config/capabilities.ts'
import type { Secret } from '../config/config.ts'
import type { Quota } from '../storage/metadata/settings.ts'

/** A user of the store, as requests meet it: what is stored of it is a UserRow. */
export interface Account {
  /** The canonical user id that owners and grants bear: `tenant$uid` in a tenant. */
  readonly id: string
  /** Empty for the default tenant. */
  readonly tenant: string
  /** The id within the tenant. */
  readonly uid: string
  readonly displayName: string
  readonly email: string | undefined
  readonly suspended: boolean
  /** See mayOwnAnother. */
  readonly maxBuckets: number
  /** What it may do through the admin API. */
  readonly caps: Capabilities
  /** What all its buckets together may hold. */
  readonly quota: Quota | undefined
  /** What each of its buckets may hold that has no quota of its own. */
  readonly bucketQuota: Quota | undefined
  readonly isRoot: boolean
}

export interface AccessKey {
  readonly accessKey: string
  readonly secretKey: Secret
  readonly account: Account
}

export type Caller = { readonly kind: 'account'; readonly account: Account } | { readonly kind: 'anonymous' }

/** The owner id of what anonymous callers write, as RGW prints it. */
export const ANONYMOUS_ID = 'anonymous'

export function callerId(caller: Caller): string {
  return caller.kind === 'account' ? caller.account.id : ANONYMOUS_ID
}

/** Ceph's rule for max-buckets: 0 is any number, a negative number none at all. */
export function mayOwnAnother({ maxBuckets }: Pick<Account, 'maxBuckets'>, owned: number): boolean {
  return maxBuckets === 0 || owned < maxBuckets
}

/**
 * The accounts and their keys, by every name a request uses for them. They are all in memory: each request asks.
 * Only domain/accounts/ changes them, once the change is durable. A changed key is a new AccessKey.
 */
export class Accounts {
  readonly #byKey = new Map<string, AccessKey>()
  readonly #byId = new Map<string, Account>()
  readonly #byEmail = new Map<string, Account>()
  readonly #keysOf = new Map<string, readonly string[]>()
  #root: Account | undefined
  #changes: Promise<unknown> = Promise.resolve()

  constructor(keys: readonly AccessKey[]) {
    for (const [account, own] of Map.groupBy(keys, (key) => key.account)) this.put(account, own)
  }

  key(accessKey: string): AccessKey | undefined {
    return this.#byKey.get(accessKey)
  }

  /** The account that the configuration makes; undefined in a test that has none. */
  get root(): Account | undefined {
    return this.#root
  }

  find(id: string): Account | undefined {
    return this.#byId.get(id)
  }

  /** Whether some account is of this tenant. For a policy that is put; no request asks. */
  hasTenant(tenant: string): boolean {
    return this.#byId.values().some((account) => account.tenant === tenant)
  }

  /** Without regard to case. */
  findByEmail(email: string): Account | undefined {
    return this.#byEmail.get(email.toLowerCase())
  }

  /** The display name of an owner; its id where no such account is known any more. */
  displayName(id: string): string {
    return this.#byId.get(id)?.displayName ?? id
  }

  /** Puts the account in the place of the one of its id, and these keys in the place of that one's. */
  put(account: Account, keys: readonly Pick<AccessKey, 'accessKey' | 'secretKey'>[]): void {
    this.remove(account.id)
    this.#byId.set(account.id, account)
    if (account.isRoot) this.#root = account
    if (account.email !== undefined) this.#byEmail.set(account.email.toLowerCase(), account)
    const own = keys.map(({ accessKey, secretKey }) => ({ accessKey, secretKey, account }))
    for (const key of own) {
      // The configuration may have given the root account a key that a stored user has: it must not get lost again.
      if (account.isRoot || this.#byKey.get(key.accessKey)?.account.isRoot !== true) this.#byKey.set(key.accessKey, key)
    }
    this.#keysOf.set(
      account.id,
      own.map((key) => key.accessKey),
    )
  }

  remove(id: string): void {
    const email = this.#byId.get(id)?.email?.toLowerCase()
    if (email !== undefined && this.#byEmail.get(email)?.id === id) this.#byEmail.delete(email)
    for (const accessKey of this.#keysOf.get(id) ?? []) {
      if (this.#byKey.get(accessKey)?.account.id === id) this.#byKey.delete(accessKey)
    }
    this.#keysOf.delete(id)
    this.#byId.delete(id)
  }

  /** Runs one change behind the other, so that what is in memory last is what was committed last. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changes.then(change)
    this.#changes = result.catch(() => undefined)
    return result
  }
}
