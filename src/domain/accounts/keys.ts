import { Secret } from '../../config/config.ts'
import { isAccessKey } from '../../config/names.ts'
import { s3Error } from '../../errors.ts'
import type { KeyRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { type AccountServices, changeAccount, detailsOf, presentUser, type UserDetails } from './change.ts'
import { sealSecret } from './load.ts'

/** What a client says of a key that it wants; the rest is made up. */
export interface KeyRequest {
  readonly accessKey: string | undefined
  readonly secretKey: string | undefined
}

/** A key as it is told once: to whoever made it. */
export interface NewKey {
  readonly accessKey: string
  readonly secretKey: Secret
}

/** More than any client's library makes; it is one argument of an HMAC. */
const SECRET_KEY_LENGTH_MAX = 1024

/** A key that is ready to be stored. */
export interface SealedKey {
  readonly key: NewKey
  readonly sealedSecret: Buffer
}

/**
 * Completes and seals a key. Before the transaction, which may wait for nothing but its rows.
 * @throws S3Error InvalidAccessKey, InvalidSecretKey
 */
export async function prepareKey(
  services: Pick<AccountServices, 'keyRing' | 'ids'>,
  request: KeyRequest,
): Promise<SealedKey> {
  const accessKey = request.accessKey ?? services.ids.accessKey()
  const secretKey = request.secretKey ?? services.ids.secretKey()
  if (!isAccessKey(accessKey)) throw s3Error('InvalidAccessKey')
  if (secretKey === '' || secretKey.length > SECRET_KEY_LENGTH_MAX) throw s3Error('InvalidSecretKey')
  const key = { accessKey, secretKey: new Secret(secretKey) }
  return { key, sealedSecret: await sealSecret(services.keyRing, key) }
}

/**
 * Stores a key of this user, or another secret of one that it has.
 * @throws S3Error KeyExists for a key of another user, or of the root account
 */
export async function storeKey(
  tx: WriteTransaction,
  services: Pick<AccountServices, 'accounts' | 'clock'>,
  { userId, key, sealedSecret }: SealedKey & { userId: string },
): Promise<void> {
  const { accessKey } = key
  const before = await tx.users.key(accessKey)
  const isRoots = services.accounts.key(accessKey)?.account.isRoot === true
  if (isRoots || (before !== undefined && before.userId !== userId)) throw s3Error('KeyExists')
  await tx.users.putKey({
    accessKey,
    userId,
    sealedSecret,
    isConfigured: before?.isConfigured ?? false,
    createdMs: before?.createdMs ?? services.clock.now(),
  })
}

/**
 * Adds a key, or gives one that the user has another secret.
 * @throws S3Error NoSuchUser, KeyExists, InvalidAccessKey, InvalidSecretKey
 */
export async function addKey(
  services: AccountServices,
  userId: string,
  request: KeyRequest,
): Promise<UserDetails & { key: NewKey }> {
  const sealed = await prepareKey(services, request)
  return changeAccount(services, userId, async (tx) => {
    const user = await presentUser(tx, userId)
    await storeKey(tx, services, { userId, ...sealed })
    return { ...(await detailsOf(tx, user)), key: sealed.key }
  })
}

/**
 * Removes a key. Requests that are signed with it fail from now on.
 * @param userId whose key it has to be; undefined: anybody's
 * @throws S3Error NoSuchUser; InvalidAccessKey (Ceph's word) when there is no such key
 */
export async function removeKey(
  services: AccountServices,
  { accessKey, userId }: { accessKey: string; userId: string | undefined },
): Promise<void> {
  const owner = userId ?? (await ownerOf(services, accessKey))?.userId
  if (owner === undefined) throw s3Error('InvalidAccessKey')
  await changeAccount(services, owner, async (tx) => {
    await presentUser(tx, owner)
    const key = await tx.users.key(accessKey)
    if (key?.userId !== owner) throw s3Error('InvalidAccessKey')
    await tx.users.removeKey(accessKey)
  })
}

function ownerOf({ metadata }: AccountServices, accessKey: string): Promise<KeyRow | undefined> {
  return metadata.read((tx) => tx.users.key(accessKey))
}
