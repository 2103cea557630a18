import { type Accounts, ANONYMOUS_ID } from '../../domain/accounts.ts'

/** Owner, Initiator or Grantee in a document. */
export type Person = { readonly ID: string; readonly DisplayName: string }

/** Anonymous callers have an id but no name (recorded: service.list_buckets.anonymous). */
export function person(accounts: Accounts, id: string): Person {
  return { ID: id, DisplayName: id === ANONYMOUS_ID ? '' : accounts.displayName(id) }
}
