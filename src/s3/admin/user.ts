import { type Capabilities, parseCapabilities } from '../../config/capabilities.ts'
import type { UserDetails } from '../../domain/accounts/change.ts'
import type { BucketUsage, KeyRow } from '../../storage/metadata/rows.ts'
import { quotaValue } from './quota.ts'
import { type AdminList, type AdminObject, listOf } from './value.ts'

/** A key with its secret: as it is told to whoever made it, and to nobody else. */
export interface ToldKey {
  readonly accessKey: string
  readonly secretKey: { reveal(): string }
}

/**
 * A user as Ceph prints it (recorded: admin.user_info), but for the secrets: Ceph tells them whenever it is asked, this
 * server once.
 */
export function userValue(
  { user, keys }: UserDetails,
  { told, usage }: { told?: ToldKey | undefined; usage?: BucketUsage | undefined } = {},
): AdminObject {
  return {
    tenant: user.tenant,
    user_id: user.uid,
    display_name: user.displayName,
    email: user.email ?? '',
    suspended: user.suspended ? 1 : 0,
    max_buckets: user.maxBuckets,
    subusers: listOf('user', []),
    keys: keysValue(keys, told),
    swift_keys: listOf('key', []),
    caps: capsValue(parseCapabilities(user.caps) ?? new Map()),
    op_mask: 'read, write, delete',
    system: 'false',
    admin: 'false',
    default_placement: '',
    default_storage_class: '',
    placement_tags: listOf('tag', []),
    bucket_quota: quotaValue(user.bucketQuota),
    user_quota: quotaValue(user.quota),
    temp_url_keys: listOf('key', []),
    type: 'rgw',
    mfa_ids: listOf('id', []),
    stats: usage === undefined ? undefined : usageValue(usage),
  }
}

export function keysValue(keys: readonly KeyRow[], told?: ToldKey): AdminList {
  return listOf(
    'key',
    keys.map(({ userId, accessKey }) => ({
      user: userId,
      access_key: accessKey,
      secret_key: told?.accessKey === accessKey ? told.secretKey.reveal() : '',
    })),
  )
}

export function capsValue(capabilities: Capabilities): AdminList {
  return listOf(
    'cap',
    [...capabilities].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([type, perm]) => ({ type, perm })),
  )
}

const KB = 1024

/** Ceph also counts what its pools take for it; here these are the bytes themselves. */
export function usageValue({ bytes, objects }: BucketUsage): AdminObject {
  const kb = Math.ceil(bytes / KB)
  return {
    size: bytes,
    size_actual: bytes,
    size_utilized: bytes,
    // What go-ceph reads of older gateways.
    size_rounded: bytes,
    size_kb: kb,
    size_kb_actual: kb,
    size_kb_utilized: kb,
    num_objects: objects,
  }
}
