import assert from 'node:assert/strict'
import { s3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { EncryptionInfo } from '../../storage/metadata/rows.ts'
import type { BucketSettings, DefaultEncryption } from '../../storage/metadata/settings.ts'
import type { CustomerKey } from './customer-key.ts'
import type { EncryptionRules } from './rules.ts'

/** How the bytes of a new object are to be encrypted. It may hold a key, so it is never stored: see infoOf. */
export type Protection =
  /** By the server's own key. A ZOS bucket may name one of the keys for it. */
  | { readonly algorithm: 'AES256'; readonly kmsKeyId?: string | undefined }
  | KmsProtection
  | { readonly algorithm: 'customer'; readonly key: CustomerKey }

export interface KmsProtection {
  readonly algorithm: 'aws:kms'
  readonly kmsKeyId: string
  /** As the client sent it: base64 of a JSON object. Authenticated together with the data key. */
  readonly context?: string | undefined
  readonly bucketKeyEnabled?: boolean | undefined
}

const MD5_BYTES = 16

/** What a request says; for aws:kms the key may be left out where the dialect has a default one. */
export type AskedProtection =
  | Exclude<Protection, KmsProtection>
  | (Omit<KmsProtection, 'kmsKeyId' | 'bucketKeyEnabled'> & { readonly kmsKeyId: string | undefined })

/** What a write says about encryption, and the provider's rules for it. */
export interface EncryptionWish {
  readonly asked: AskedProtection | undefined
  /** Said without naming a method it counts where the bucket's default is aws:kms. */
  readonly bucketKeyEnabled: boolean | undefined
  readonly rules: EncryptionRules
}

/**
 * How a new object is encrypted: as its request says, else as the bucket's default, else as the provider does by
 * itself. Undefined: not at all.
 * @throws S3Error AccessDenied for a customer's key in a bucket that takes none
 */
export function settleProtection({ encryption }: BucketSettings, wish: EncryptionWish): Protection | undefined {
  const { rules, asked } = wish
  if (asked?.algorithm === 'customer' && encryption?.blocksCustomerKeys === true) {
    throw s3Error('AccessDenied', {}, { message: 'The bucket does not take objects with SSE-C.' })
  }
  const wanted = asked ?? (encryption === undefined ? undefined : askedByDefault(encryption))
  if (wanted === undefined) return rules.always === undefined ? undefined : { algorithm: rules.always }
  if (wanted.algorithm !== 'aws:kms') return wanted
  const bucketKeyEnabled = wish.bucketKeyEnabled ?? encryption?.bucketKeyEnabled
  return { ...wanted, kmsKeyId: wanted.kmsKeyId ?? rules.defaultKmsKeyId, bucketKeyEnabled }
}

function askedByDefault({ algorithm, kmsKeyId }: DefaultEncryption): AskedProtection {
  return { algorithm, kmsKeyId }
}

/** What is remembered of it, and shown. */
export function infoOf(protection: Protection | undefined): EncryptionInfo | undefined {
  if (protection === undefined) return undefined
  if (protection.algorithm === 'customer') return { algorithm: 'customer', customerKeyMd5: protection.key.md5 }
  const { algorithm, kmsKeyId } = protection
  if (algorithm === 'AES256') return kmsKeyId === undefined ? { algorithm } : { algorithm, kmsKeyId }
  const { context, bucketKeyEnabled } = protection
  return {
    algorithm,
    kmsKeyId,
    ...(context === undefined ? {} : { context }),
    ...(bucketKeyEnabled === undefined ? {} : { bucketKeyEnabled }),
  }
}

/** The other way round: how more bytes are encrypted of what is encrypted so. The customer's key has been checked. */
export function protectionOf(info: EncryptionInfo | undefined, key: CustomerKey | undefined): Protection | undefined {
  if (info === undefined) return undefined
  const { algorithm, kmsKeyId } = info
  if (algorithm === 'customer') {
    assert(key !== undefined && key.md5 === info.customerKeyMd5, 'nobody gets here without the key')
    return { algorithm, key }
  }
  if (algorithm === 'AES256') return { algorithm, kmsKeyId }
  assert(kmsKeyId !== undefined, 'what is encrypted with a KMS key says with which one')
  return { algorithm, kmsKeyId, context: info.context, bucketKeyEnabled: info.bucketKeyEnabled }
}

/** The ETag of bytes with this MD5: another one, drawn at random, where the provider hides the MD5 of such bytes. */
export function etagOf(
  ids: IdSource,
  md5: string,
  { protection, rules }: { protection: Protection | EncryptionInfo | undefined; rules: EncryptionRules },
): string {
  const isHidden = rules.hidesMd5 && protection !== undefined && protection.algorithm !== 'AES256'
  return isHidden ? ids.hex(MD5_BYTES) : md5
}

/** Whether bytes that are encrypted so may stand for an object that is to be encrypted so: one key opens both. */
export function isSameProtection(one: EncryptionInfo | undefined, other: EncryptionInfo | undefined): boolean {
  return (
    one?.algorithm === other?.algorithm &&
    one?.kmsKeyId === other?.kmsKeyId &&
    one?.context === other?.context &&
    one?.customerKeyMd5 === other?.customerKeyMd5
  )
}
