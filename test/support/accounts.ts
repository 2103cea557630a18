import { NO_CAPABILITIES } from '../../src/config/capabilities.ts'
import type { Account } from '../../src/domain/accounts.ts'

/** An account as plain as it comes, with what a test cares about changed. */
export function testAccount(id: string, change: Partial<Account> = {}): Account {
  const mark = id.indexOf('$')
  return {
    id,
    tenant: id.slice(0, Math.max(0, mark)),
    uid: id.slice(mark + 1),
    displayName: id,
    email: undefined,
    suspended: false,
    maxBuckets: 1000,
    caps: NO_CAPABILITIES,
    quota: undefined,
    bucketQuota: undefined,
    isRoot: false,
    ...change,
  }
}
