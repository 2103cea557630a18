import { NO_CAPABILITIES } from '../config/capabilities.ts'
import type { BucketConfig } from '../config/config.ts'
import type { BucketSettings } from '../storage/metadata/settings.ts'
import type { MetadataStore, WriteTransaction } from '../storage/metadata/store.ts'
import type { Account, Accounts } from './accounts.ts'

/** The account that the root key of a config belongs to. It is not stored. */
export function rootAccount(rootId: string): Account {
  return {
    id: rootId,
    tenant: '',
    uid: rootId,
    displayName: rootId,
    email: undefined,
    suspended: false,
    maxBuckets: 0,
    caps: NO_CAPABILITIES,
    quota: undefined,
    bucketQuota: undefined,
    isRoot: true,
  }
}

export interface ConfiguredBuckets {
  readonly accounts: Accounts
  readonly buckets: readonly BucketConfig[]
  readonly rootId: string
  /** What each of them is born with. */
  readonly settings: BucketSettings
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
    settings: by.settings,
  })
}
