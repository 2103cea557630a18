import { randomBytes } from 'node:crypto'
import { CustomerKey } from '../../src/domain/encryption/customer-key.ts'
import type { KeyOffer } from '../../src/domain/encryption/key-check.ts'
import type { EncryptionWish } from '../../src/domain/encryption/protection.ts'
import { dialectOf } from './head.ts'
import type { TestRequest, TestResponse, TestServer } from './server.ts'

const { encryption: rules } = dialectOf('rgw')

/** A write that says nothing of encryption, where the provider says nothing either. */
export const PLAIN: EncryptionWish = { asked: undefined, bucketKeyEnabled: undefined, rules }
/** A read without a key. */
export const NO_KEY: KeyOffer = { key: undefined, rules }

/** A key of a customer, and the headers that bring it with a request. */
export interface TestKey {
  readonly bytes: Buffer
  readonly key: CustomerKey
  readonly headers: Readonly<Record<string, string>>
  /** The same for the source of a copy. */
  readonly sourceHeaders: Readonly<Record<string, string>>
  /** As the SDK's parameters; it computes the MD5 itself. */
  readonly parameters: { readonly SSECustomerAlgorithm: 'AES256'; readonly SSECustomerKey: string }
}

export function customerKey(bytes: Buffer = randomBytes(32)): TestKey {
  const key = new CustomerKey(bytes)
  const text = bytes.toString('base64')
  const named = (prefix: string) => ({
    [`${prefix}-algorithm`]: 'AES256',
    [`${prefix}-key`]: text,
    [`${prefix}-key-MD5`]: key.md5,
  })
  return {
    bytes,
    key,
    headers: named('x-amz-server-side-encryption-customer'),
    sourceHeaders: named('x-amz-copy-source-server-side-encryption-customer'),
    parameters: { SSECustomerAlgorithm: 'AES256', SSECustomerKey: text },
  }
}

/** A bucket's default encryption by SSE-KMS, as the ZOS dialect takes it. */
export const KMS_RULE =
  '<SSEAlgorithm>aws:kms</SSEAlgorithm>' +
  '<KMSMasterKeyID>6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0</KMSMasterKeyID>'

/** @param more further elements of the rule */
export function encryptionDocument(byDefault: string, more = ''): string {
  return (
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>' +
    `<ApplyServerSideEncryptionByDefault>${byDefault}</ApplyServerSideEncryptionByDefault>${more}` +
    '</Rule></ServerSideEncryptionConfiguration>'
  )
}

export function putEncryption(server: TestServer, bucket: string, request: TestRequest): Promise<TestResponse> {
  return server.request('PUT', `/${bucket}`, { query: { encryption: undefined }, ...request })
}
