import { createHmac, type KeyObject } from 'node:crypto'
import { type S3Error, s3Error } from '../../errors.ts'
import type { FormFields } from '../form/fields.ts'
import { textToBytes } from '../percent.ts'
import { parseBasicDate } from './dates.ts'
import type { HmacKey } from './hmac.ts'
import type { KeyScope } from './keys.ts'
import { sameSignature, signatureMismatch } from './mismatch.ts'
import { ALGORITHM_V4, credentialParts } from './v4.ts'

/** What a form says about its signature, which covers its policy field as it was sent. */
export type FormClaim = {
  readonly accessKey: string
  /** One character per byte. */
  readonly policy: string
  readonly signature: string
} & ({ readonly version: 'v2' } | { readonly version: 'v4'; readonly scope: KeyScope })

/**
 * @returns undefined for a form of an anonymous caller: it has neither a policy nor a signature
 * @throws S3Error InvalidArgument for a missing field, an unknown algorithm, and a date or credential that is none
 */
export function formClaim(fields: FormFields): FormClaim | undefined {
  const isV4 = V4_FIELDS.some((name) => fields.has(name))
  const names = isV4 ? ['policy', ...V4_FIELDS] : ['policy', ...V2_FIELDS]
  if (!names.some((name) => fields.has(name))) return undefined
  const claimed: Record<string, string> = {}
  for (const name of names) {
    const value = fields.get(name)
    if (value === undefined || value === '') throw missing(name)
    claimed[name] = textToBytes(value)
  }
  const { policy = '' } = claimed
  if (!isV4) {
    const { awsaccesskeyid: accessKey = '', signature = '' } = claimed
    return { version: 'v2', accessKey, policy, signature }
  }
  if (claimed['x-amz-algorithm'] !== ALGORITHM_V4) {
    throw invalid('x-amz-algorithm', `x-amz-algorithm only supports "${ALGORITHM_V4}"`)
  }
  const { accessKey, ...scope } = credentialParts(claimed['x-amz-credential'] ?? '')
  const date = claimed['x-amz-date'] ?? ''
  if (parseBasicDate(date) === undefined || !date.startsWith(scope.day)) {
    throw invalid(
      'x-amz-date',
      'x-amz-date must be in the format YYYYMMDDTHHMMSSZ, of the day that the credential names',
    )
  }
  return { version: 'v4', accessKey, policy, signature: claimed['x-amz-signature'] ?? '', scope }
}

const V2_FIELDS = ['awsaccesskeyid', 'signature']
const V4_FIELDS = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']

/** @throws S3Error SignatureDoesNotMatch */
export function verifyFormV4(claim: FormClaim, signingKey: HmacKey): void {
  if (!sameSignature(signingKey.sign(claim.policy), claim.signature)) throw mismatch(claim)
}

/** @throws S3Error SignatureDoesNotMatch */
export function verifyFormV2(claim: FormClaim, key: KeyObject): void {
  const computed = createHmac('sha1', key).update(claim.policy, 'latin1').digest('base64')
  if (!sameSignature(computed, claim.signature)) throw mismatch(claim)
}

function mismatch({ accessKey, policy, signature }: FormClaim): S3Error {
  return signatureMismatch({ accessKey, provided: signature, stringToSign: policy })
}

/** By the names that S3's documentation writes. */
function missing(field: string): S3Error {
  const name = field === 'awsaccesskeyid' ? 'AWSAccessKeyId' : field
  const message = `Bucket POST must contain a field named '${name}'. If it is specified, check the order of the fields.`
  return invalid(name, message)
}

function invalid(name: string, message: string): S3Error {
  return s3Error('InvalidArgument', { ArgumentName: name }, { message })
}
