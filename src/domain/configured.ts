import type { BucketConfig, Config, UserConfig } from '../config/config.ts'
import type { MetadataStore, WriteTransaction } from '../storage/metadata/store.ts'
import { type AccessKey, type Account, Accounts } from './accounts.ts'

/** Who a config says there is: the root account and the users, with their keys. */
export function configuredAccounts({ root, users }: Config, rootId: string): Accounts {
  const account: Account = {
    id: rootId,
    tenant: '',
    displayName: rootId,
    email: undefined,
    suspended: false,
    maxBuckets: Number.MAX_SAFE_INTEGER,
    isRoot: true,
  }
  return new Accounts([{ ...root, account }, ...users.flatMap(keysOf)])
}

function keysOf(user: UserConfig): AccessKey[] {
  const { tenant, displayName, email, suspended, maxBuckets } = user
  const account: Account = { id: fullId(user), tenant, displayName, email, suspended, maxBuckets, isRoot: false }
  return user.keys.map((key) => ({ ...key, account }))
}

/** Ceph's form: two tenants may both have a user of this id. */
function fullId({ tenant, id }: UserConfig): string {
  return tenant === '' ? id : `${tenant}$${id}`
}

export interface ConfiguredBuckets {
  readonly accounts: Accounts
  readonly buckets: readonly BucketConfig[]
  readonly rootId: string
  readonly nowMs: number
}

/** Creates the buckets of a config that are missing. What is there already stays as it is, whatever the config says. */
export async function createMissingBuckets(metadata: MetadataStore, configured: ConfiguredBuckets): Promise<void> {
  if (configured.buckets.length === 0) return
  await metadata.write(async (tx) => {
    for (const bucket of configured.buckets) await createIfMissing(tx, bucket, configured)
  })
}

async function createIfMissing(tx: WriteTransaction, bucket: BucketConfig, by: ConfiguredBuckets): Promise<void> {
  const ownerId = bucket.owner ?? by.rootId
  const tenant = by.accounts.find(ownerId)?.tenant ?? ''
  const { name, versioning, objectLock } = bucket
  if ((await tx.buckets.find({ tenant, name })) !== undefined) return
  await tx.buckets.insert({
    tenant,
    name,
    ownerId,
    createdMs: by.nowMs,
    versioning,
    objectLock,
    location: '',
    storageClass: 'STANDARD',
    azPolicy: undefined,
    acl: 'private',
  })
}
