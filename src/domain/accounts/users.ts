import { addCapabilities, type Capabilities, formatCapabilities, parseCapabilities } from '../../config/capabilities.ts'
import { fullUserId, isTenantName, isUserId } from '../../config/names.ts'
import { s3Error } from '../../errors.ts'
import type { UserRow } from '../../storage/metadata/rows.ts'
import { UniqueViolation, type WriteTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { type AccountServices, changeAccount, detailsOf, isReserved, presentUser, type UserDetails } from './change.ts'
import { type KeyRequest, type NewKey, prepareKey, storeKey } from './keys.ts'

/** What can be said of a user at its making and later. Undefined leaves it as it is. */
export interface UserChange {
  readonly displayName?: string | undefined
  /** Empty: none from now on. */
  readonly email?: string | undefined
  readonly suspended?: boolean | undefined
  readonly maxBuckets?: number | undefined
  /** Granted beside those that it has. */
  readonly caps?: Capabilities | undefined
  /** A key to add, or to give another secret. */
  readonly key?: KeyRequest | undefined
}

export interface NewUser extends UserChange {
  readonly tenant: string
  readonly uid: string
  readonly displayName: string
  readonly maxBuckets: number
}

/** A user after a change, with the key that came with it: the only time that its secret is told. */
export interface ChangedUser extends UserDetails {
  readonly key: NewKey | undefined
}

/**
 * @throws S3Error InvalidArgument, InvalidTenantName, UserAlreadyExists, EmailExists, KeyExists, InvalidAccessKey,
 *   InvalidSecretKey
 */
export async function createUser(services: AccountServices, request: NewUser): Promise<ChangedUser> {
  const { tenant, uid, displayName, maxBuckets } = request
  if (!isUserId(uid)) throw s3Error('InvalidArgument', { ArgumentName: 'uid', ArgumentValue: uid })
  if (tenant !== '' && !isTenantName(tenant)) throw s3Error('InvalidTenantName')
  const id = fullUserId({ tenant, uid })
  if (isReserved(services, id)) throw s3Error('UserAlreadyExists')
  const sealed = request.key === undefined ? undefined : await prepareKey(services, request.key)
  const user: UserRow = {
    id,
    tenant,
    uid,
    displayName,
    email: request.email === '' ? undefined : request.email,
    suspended: request.suspended ?? false,
    maxBuckets,
    caps: formatCapabilities(request.caps ?? new Map()),
    quota: undefined,
    bucketQuota: undefined,
    isConfigured: false,
    createdMs: services.clock.now(),
  }
  return changeAccount(services, id, async (tx) => {
    if ((await tx.users.find(id)) !== undefined) throw s3Error('UserAlreadyExists')
    await putUser(tx, user)
    if (sealed !== undefined) await storeKey(tx, services, { userId: id, ...sealed })
    return { ...(await detailsOf(tx, user)), key: sealed?.key }
  })
}

/** @throws S3Error NoSuchUser, EmailExists, KeyExists, InvalidAccessKey, InvalidSecretKey */
export async function modifyUser(services: AccountServices, id: string, change: UserChange): Promise<ChangedUser> {
  const sealed = change.key === undefined ? undefined : await prepareKey(services, change.key)
  return changeAccount(services, id, async (tx) => {
    const before = await presentUser(tx, id)
    const user = changed(before, change)
    await putUser(tx, user)
    if (sealed !== undefined) await storeKey(tx, services, { userId: id, ...sealed })
    return { ...(await detailsOf(tx, user)), key: sealed?.key }
  })
}

function changed(before: UserRow, change: UserChange): UserRow {
  const caps =
    change.caps === undefined ? before.caps : formatCapabilities(addCapabilities(capsOf(before), change.caps))
  return {
    ...before,
    displayName: change.displayName ?? before.displayName,
    email: change.email === undefined ? before.email : change.email || undefined,
    suspended: change.suspended ?? before.suspended,
    maxBuckets: change.maxBuckets ?? before.maxBuckets,
    caps,
  }
}

export function capsOf(user: UserRow): Capabilities {
  return parseCapabilities(user.caps) ?? new Map()
}

/**
 * Changes what `edit` gives another value: capabilities, quotas.
 * @throws S3Error NoSuchUser, and what `edit` throws
 */
export async function editUser(
  services: AccountServices,
  id: string,
  edit: (user: UserRow) => Partial<Pick<UserRow, 'caps' | 'quota' | 'bucketQuota'>>,
): Promise<UserRow> {
  return changeAccount(services, id, async (tx) => {
    const before = await presentUser(tx, id)
    const user = { ...before, ...edit(before) }
    await tx.users.put(user)
    return user
  })
}

/**
 * Removes a user and its keys.
 * @throws S3Error NoSuchUser; BucketAlreadyExists (Ceph's word) as long as it owns buckets
 */
export async function removeUser(services: AccountServices, id: string): Promise<void> {
  await changeAccount(services, id, async (tx) => {
    await presentUser(tx, id)
    if ((await tx.buckets.count(id)) > 0) {
      const message = 'The user owns buckets: remove or link them first, or purge its data'
      throw s3Error('BucketAlreadyExists', {}, { message })
    }
    await tx.users.remove(id)
  })
}

/** @throws S3Error EmailExists */
async function putUser(tx: WriteTransaction, user: UserRow): Promise<void> {
  try {
    await tx.users.put(user)
  } catch (cause) {
    if (cause instanceof UniqueViolation) throw s3Error('EmailExists', {}, { cause })
    throw cause
  }
}

/** @throws S3Error NoSuchUser */
export function describeUser({ metadata }: Pick<Services, 'metadata'>, id: string): Promise<UserDetails> {
  return metadata.read(async (tx) => detailsOf(tx, await presentUser(tx, id)))
}

/** @throws S3Error NoSuchUser */
export function describeUserOfKey({ metadata }: Pick<Services, 'metadata'>, accessKey: string): Promise<UserDetails> {
  return metadata.read(async (tx) =>
    detailsOf(tx, await presentUser(tx, (await tx.users.key(accessKey))?.userId ?? '')),
  )
}

export interface UserPage {
  readonly ids: readonly string[]
  readonly isTruncated: boolean
}

/** Ids in their order, behind `after`. */
export async function listUserIds(
  { metadata }: Pick<Services, 'metadata'>,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<UserPage> {
  const rows = await metadata.read((tx) => tx.users.list({ after, limit: limit + 1 }))
  return { ids: rows.slice(0, limit).map((user) => user.id), isTruncated: rows.length > limit }
}
