import { type S3Error, s3Error } from '../../errors.ts'
import type { EncryptionInfo } from '../../storage/metadata/rows.ts'
import type { BucketSettings } from '../../storage/metadata/settings.ts'
import type { CustomerKey } from './customer-key.ts'
import {
  type EncryptionWish,
  infoOf,
  isSameProtection,
  type Protection,
  protectionOf,
  settleProtection,
} from './protection.ts'
import type { EncryptionRules } from './rules.ts'

/** The key that a request brings for what it reads, if any, and what the provider says to a key that does not fit. */
export interface KeyOffer {
  readonly key: CustomerKey | undefined
  readonly rules: EncryptionRules
}

/**
 * Whether a request brings the key that an object was encrypted with. HEAD needs it too.
 * @throws S3Error of the dialect: no key, another one, or one that the object does not need
 */
export function assertKeyFits(encryption: EncryptionInfo | undefined, { key, rules }: KeyOffer): void {
  if (encryption?.algorithm !== 'customer') {
    if (key === undefined || !rules.refusesIdleKeys) return
    throw s3Error('InvalidRequest', {}, { message: 'The encryption parameters are not applicable to this object.' })
  }
  const refusal = key === undefined ? rules.missingKey : rules.wrongKey
  if (key?.md5 !== encryption.customerKeyMd5) throw s3Error(refusal.code, {}, { message: refusal.message })
}

/** AWS's words; RGW has none of its own. */
const MISMATCH = {
  missing:
    'The multipart upload initiate requested encryption. ' +
    'Subsequent part requests must include the appropriate encryption parameters.',
  other: 'The provided encryption parameters did not match the ones used originally.',
  idle:
    'The multipart upload initiate did not request encryption. ' +
    'Please resend the request without sending encryption parameters.',
} as const

function mismatch(kind: keyof typeof MISMATCH): S3Error {
  return s3Error('InvalidRequest', {}, { message: MISMATCH[kind] })
}

/**
 * How a part of an upload is encrypted: as the upload. A customer's key comes with each part.
 * @throws S3Error InvalidRequest when it is not the upload's
 */
export function partProtection(info: EncryptionInfo | undefined, key: KeyOffer['key']): Protection | undefined {
  if (info?.algorithm !== 'customer') {
    if (key !== undefined) throw mismatch('idle')
  } else if (key?.md5 !== info.customerKeyMd5) {
    throw mismatch(key === undefined ? 'missing' : 'other')
  }
  return protectionOf(info, key)
}

/**
 * How bytes are encrypted that are appended to an object: as the object, which is what the request has to say if it
 * says anything. A customer's key has to be said.
 * @throws S3Error InvalidRequest
 */
export function appendedProtection(
  info: EncryptionInfo | undefined,
  settings: BucketSettings,
  wish: EncryptionWish,
): Protection | undefined {
  const key = wish.asked?.algorithm === 'customer' ? wish.asked.key : undefined
  const isSame = wish.asked === undefined || isSameProtection(infoOf(settleProtection(settings, wish)), info)
  if (!isSame || key?.md5 !== info?.customerKeyMd5) throw mismatch('other')
  return protectionOf(info, key)
}
