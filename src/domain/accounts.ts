import type { Secret } from '../config/config.ts'

/** A user of the store. From the config file; issue of keys at run time comes with the admin API. */
export interface Account {
  /** The canonical user id that owners and grants bear. */
  readonly id: string
  readonly tenant: string
  readonly displayName: string
  readonly email: string | undefined
  readonly suspended: boolean
  /** Buckets it may own; Ceph's default is 1000. */
  readonly maxBuckets: number
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

/** The accounts and their keys, by every name a request uses for them. */
export class Accounts {
  readonly #byKey = new Map<string, AccessKey>()
  readonly #byId = new Map<string, Account>()

  constructor(keys: readonly AccessKey[]) {
    for (const key of keys) {
      this.#byKey.set(key.accessKey, key)
      this.#byId.set(key.account.id, key.account)
    }
  }

  key(accessKey: string): AccessKey | undefined {
    return this.#byKey.get(accessKey)
  }

  find(id: string): Account | undefined {
    return this.#byId.get(id)
  }

  /** The display name of an owner; its id where no such account is known any more. */
  displayName(id: string): string {
    return this.#byId.get(id)?.displayName ?? id
  }
}
