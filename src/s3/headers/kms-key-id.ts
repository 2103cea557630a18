import { type S3Error, s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'

/** AWS KMS's own limit of a key's ARN. */
const KMS_KEY_ID_MAX = 2048
/** No control characters: the id becomes a header of answers. */
const PLAIN = /^[^\p{Cc}]+$/u
/** ZOS manual 1.20: `cmkuuid:keyspec:userid`. Data keys have 256 bits here, so that is what the middle may say. */
const ZOS_TRIPLE = /^[\w-]+:AES_256:[\w-]+$/

/** Where the id stands, for the errors. */
export interface KmsKeyPlace {
  readonly name: string
  /** What a request hears that names none, where the provider demands one. */
  readonly missing: string
}

/** @throws S3Error InvalidArgument for an id that is missing where the dialect demands one, or not of its form */
export function assertKmsKeyId(kmsKeyId: string | undefined, { encryption }: Dialect, place: KmsKeyPlace): void {
  if (kmsKeyId === undefined) {
    if (encryption.needsKmsKeyId) throw invalid(place.name, place.missing)
    return
  }
  if (kmsKeyId.length > KMS_KEY_ID_MAX || !PLAIN.test(kmsKeyId)) throw invalid(place.name, 'This is no key id.')
  if (encryption.kmsKeyIds === 'zos' && !ZOS_TRIPLE.test(kmsKeyId)) {
    throw invalid(place.name, 'A key id has the form cmkuuid:keyspec:userid, and AES_256 is the only keyspec.')
  }
}

function invalid(name: string, message: string): S3Error {
  return s3Error('InvalidArgument', { ArgumentName: name }, { message })
}
