import { CUSTOMER_KEY_BYTES, CustomerKey } from '../../domain/encryption/customer-key.ts'
import type { AskedProtection, EncryptionWish } from '../../domain/encryption/protection.ts'
import { type S3Error, s3Error } from '../../errors.ts'
import type { EncryptionInfo } from '../../storage/metadata/rows.ts'
import type { RequestHead, Wire } from '../request.ts'
import type { HeaderValue } from '../response.ts'
import { assertKmsKeyId } from './kms-key-id.ts'

const SSE = 'x-amz-server-side-encryption'
const KMS_KEY_ID = `${SSE}-aws-kms-key-id`
const CONTEXT = `${SSE}-context`
const BUCKET_KEY = `${SSE}-bucket-key-enabled`
const CUSTOMER = `${SSE}-customer`
const SOURCE_CUSTOMER = 'x-amz-copy-source-server-side-encryption-customer'

/** All headers about encryption that some operation honours. */
export const ENCRYPTION_HEADERS: ReadonlySet<string> = new Set([
  SSE,
  KMS_KEY_ID,
  CONTEXT,
  BUCKET_KEY,
  ...[CUSTOMER, SOURCE_CUSTOMER].flatMap((name) => [`${name}-algorithm`, `${name}-key`, `${name}-key-md5`]),
])

/** AWS KMS's own limit of an encryption context. */
const CONTEXT_BYTES_MAX = 8192
const MD5_BYTES = 16

/** Texts that AWS and RGW share (rgw_crypt.cc); clients show them. */
const WITH_CUSTOMER_KEY = 'Requests specifying Server Side Encryption with Customer provided keys must'
const NO_KMS = `Server Side Encryption with KMS managed key requires HTTP header ${SSE} : aws:kms`

type HeadAndDialect = Pick<Wire, 'head' | 'dialect'>

/**
 * What a write asks for: SSE-S3, SSE-KMS or SSE-C.
 * @throws S3Error InvalidArgument, InvalidEncryptionAlgorithmError, InvalidRequest (no TLS); NotImplemented for
 *   aws:kms:dsse
 */
export function readEncryption(wire: HeadAndDialect): EncryptionWish {
  const { head, dialect } = wire
  const key = readCustomerKey(wire)
  const asked = key === undefined ? readServerSide(wire) : { algorithm: 'customer' as const, key }
  if (key !== undefined && (given(head, SSE) ?? given(head, KMS_KEY_ID)) !== undefined) {
    const message =
      'Server Side Encryption with Customer provided key is incompatible with the encryption method specified'
    throw invalid(SSE, message)
  }
  return { asked, bucketKeyEnabled: readBucketKey(head), rules: dialect.encryption }
}

/**
 * The customer's key that a read brings, or a part. How a read is encrypted, or a part, is nothing to ask for.
 * @throws S3Error InvalidArgument, InvalidEncryptionAlgorithmError, InvalidRequest
 */
export function readOfferedKey(wire: HeadAndDialect): CustomerKey | undefined {
  refuseServerSide(wire.head)
  return readCustomerKey(wire)
}

/** The customer's key of what is copied. */
export function readSourceKey(wire: HeadAndDialect): CustomerKey | undefined {
  return readCustomerKey(wire, SOURCE_CUSTOMER)
}

/** AWS: "x-amz-server-side-encryption header is not supported for this operation"; RGW refuses it too. */
function refuseServerSide(head: RequestHead): void {
  if (given(head, SSE) === undefined) return
  throw invalid(SSE, `${SSE} header is not supported for this operation.`)
}

function readServerSide({ head, dialect }: HeadAndDialect): AskedProtection | undefined {
  const algorithm = given(head, SSE)
  const kmsKeyId = given(head, KMS_KEY_ID)
  const context = readContext(head)
  if (algorithm === 'aws:kms') {
    assertKmsKeyId(kmsKeyId, dialect, { name: KMS_KEY_ID, missing: `${NO_KMS_KEY} ${KMS_KEY_ID}` })
    return { algorithm, kmsKeyId, context }
  }
  if (algorithm === 'aws:kms:dsse') {
    throw s3Error('NotImplemented', { Header: SSE }, { message: `The header ${SSE}: ${algorithm} is not implemented` })
  }
  if (algorithm !== undefined && algorithm !== 'AES256') {
    throw s3Error(dialect.encryption.badAlgorithm, { ArgumentName: SSE, ArgumentValue: algorithm })
  }
  if ((kmsKeyId ?? context) !== undefined) throw invalid(KMS_KEY_ID, NO_KMS)
  return algorithm === undefined ? undefined : { algorithm }
}

const NO_KMS_KEY = 'Server Side Encryption with KMS managed key requires HTTP header'

/** Kept as it was sent: base64 of a JSON object whose values are texts. */
function readContext(head: RequestHead): string | undefined {
  const value = given(head, CONTEXT)
  if (value === undefined || isContext(value)) return value
  const message = `The header '${CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`
  throw invalid(CONTEXT, message)
}

function isContext(value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length > CONTEXT_BYTES_MAX) return false
  try {
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const isMap = typeof content === 'object' && content !== null && !Array.isArray(content)
    return isMap && Object.values(content).every((text) => typeof text === 'string')
  } catch {
    return false
  }
}

function readBucketKey(head: RequestHead): boolean | undefined {
  const value = given(head, BUCKET_KEY)?.toLowerCase()
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') throw invalid(BUCKET_KEY, `${BUCKET_KEY} must be true or false.`)
  return value === 'true'
}

/** No error says what the key was. */
function readCustomerKey({ head, dialect }: HeadAndDialect, prefix: string = CUSTOMER): CustomerKey | undefined {
  const algorithm = given(head, `${prefix}-algorithm`)
  const key = given(head, `${prefix}-key`)
  const md5 = given(head, `${prefix}-key-md5`)
  if (algorithm === undefined) {
    if ((key ?? md5) === undefined) return undefined
    throw invalid(`${prefix}-algorithm`, `${WITH_CUSTOMER_KEY} provide a valid encryption algorithm.`)
  }
  if (algorithm !== 'AES256') throw s3Error('InvalidEncryptionAlgorithmError', { ArgumentName: `${prefix}-algorithm` })
  if (dialect.encryption.customerKeysNeedTls && head.protocol !== 'https') {
    throw s3Error('InvalidRequest', {}, { message: `${WITH_CUSTOMER_KEY} be made over a secure connection.` })
  }
  const bytes = decode(key)
  if (bytes?.length !== CUSTOMER_KEY_BYTES) {
    throw invalid(`${prefix}-key`, `${WITH_CUSTOMER_KEY} provide an appropriate secret key.`)
  }
  if (decode(md5)?.length !== MD5_BYTES) {
    throw invalid(`${prefix}-key-MD5`, `${WITH_CUSTOMER_KEY} provide the client calculated MD5 of the secret key.`)
  }
  const customerKey = new CustomerKey(bytes)
  if (customerKey.md5 === md5) return customerKey
  const message = 'The calculated MD5 hash of the key did not match the hash that was provided.'
  throw invalid(`${prefix}-key-MD5`, message)
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function decode(text: string | undefined): Buffer | undefined {
  return text !== undefined && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}

function given(head: RequestHead, name: string): string | undefined {
  const value = head.headers.get(name)
  return value === '' ? undefined : value
}

function invalid(name: string, message: string): S3Error {
  return s3Error('InvalidArgument', { ArgumentName: name }, { message })
}

/**
 * How an object is encrypted, as answers to reads and writes say it. The encryption context is for writes alone, as on
 * AWS.
 */
export function encryptionHeaders(
  info: EncryptionInfo | undefined,
  answer: 'read' | 'write',
): [name: string, value: HeaderValue][] {
  if (info === undefined) return []
  if (info.algorithm === 'customer') {
    return [
      [`${CUSTOMER}-algorithm`, 'AES256'],
      [`${CUSTOMER}-key-MD5`, info.customerKeyMd5],
    ]
  }
  if (info.algorithm === 'AES256') return [[SSE, info.algorithm]]
  return [
    [SSE, info.algorithm],
    [KMS_KEY_ID, info.kmsKeyId],
    [CONTEXT, answer === 'write' ? info.context : undefined],
    [BUCKET_KEY, info.bucketKeyEnabled === true ? 'true' : undefined],
  ]
}
