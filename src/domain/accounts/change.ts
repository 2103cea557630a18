import { s3Error } from '../../errors.ts'
import type { KeyRow, UserRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { ANONYMOUS_ID } from '../accounts.ts'
import type { Services } from '../services.ts'
import { reloadAccount } from './load.ts'

/** What changes accounts needs. */
export type AccountServices = Pick<Services, 'metadata' | 'keyRing' | 'accounts' | 'clock' | 'ids'>

/** A user as it is stored, with its keys in the order of their names. Their secrets stay sealed. */
export interface UserDetails {
  readonly user: UserRow
  readonly keys: readonly KeyRow[]
}

/**
 * Runs one transaction that changes this user, and then makes the account in memory what is stored: also when the
 * transaction failed, because with an UncertainCommit its rows are visible.
 */
export function changeAccount<T>(
  services: AccountServices,
  id: string,
  work: (tx: WriteTransaction) => Promise<T>,
): Promise<T> {
  return services.accounts.exclusively(async () => {
    try {
      return await services.metadata.write(work)
    } finally {
      await reloadAccount(services, id)
    }
  })
}

/** @throws S3Error NoSuchUser */
export async function presentUser(tx: ReadTransaction, id: string): Promise<UserRow> {
  const user = await tx.users.find(id)
  if (user === undefined) throw s3Error('NoSuchUser')
  return user
}

export async function detailsOf(tx: ReadTransaction, user: UserRow): Promise<UserDetails> {
  return { user, keys: await tx.users.keys(user.id) }
}

/** The root account is made of the configuration, and nobody is who has no key: neither can be stored. */
export function isReserved({ accounts }: Pick<Services, 'accounts'>, id: string): boolean {
  return id === ANONYMOUS_ID || accounts.find(id)?.isRoot === true
}
