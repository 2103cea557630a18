import type { BucketRef } from '../../storage/metadata/rows.ts'
import type { Caller } from '../accounts.ts'

/**
 * A bucket named without a tenant is one of the caller's own tenant, as in RGW; anonymous callers and accounts without
 * a tenant mean the default one.
 */
export function bucketRefFor(caller: Caller, { tenant, name }: BucketRef): BucketRef {
  return tenant === '' && caller.kind === 'account' ? { tenant: caller.account.tenant, name } : { tenant, name }
}
