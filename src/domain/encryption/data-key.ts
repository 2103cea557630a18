import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { type S3Error, s3Error } from '../../errors.ts'
import { CorruptChunk } from '../../storage/chunks/store.ts'
import { type KeyRing, KeyUnavailable } from '../../storage/keys/key-ring.ts'
import type { ChunkSealing } from '../../storage/metadata/rows.ts'
import type { CustomerKey } from './customer-key.ts'
import type { Protection } from './protection.ts'

// Every sealed chunk has a data key of its own, drawn at random. It is kept wrapped: by the ring's master key, by a KMS
// key, or by the customer's. The wrapped form's first byte says which; that of a KMS key names the key.

const MASTER = 1
const KMS = 2
const CUSTOMER = 3

const DATA_KEY_BYTES = 32
/** So that a wrapped data key and other things that the ring has sealed cannot stand for each other. */
const CONTEXT = 'data-key'
/** The length of a KMS key's name and context, which stand before what the ring has sealed. */
const LENGTH_BYTES = 2

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface DataKey {
  readonly key: KeyObject
  readonly sealing: ChunkSealing
}

/**
 * A fresh key for one chunk, and its wrapped form.
 * @throws S3Error KMS.NotFoundException, KMS.DisabledException, ServiceUnavailable
 */
export async function newDataKey(ring: KeyRing, protection: Protection): Promise<DataKey> {
  const bytes = randomBytes(DATA_KEY_BYTES)
  const sealedKey = await wrap(ring, bytes, protection)
  return { key: createSecretKey(bytes), sealing: { sealedKey } }
}

/**
 * The key of a chunk. Whether the customer's key is the right one has been checked before.
 * @throws S3Error KMS.NotFoundException, KMS.DisabledException, ServiceUnavailable; CorruptChunk or SealBroken when it
 *   does not open
 */
export async function openDataKey(
  ring: KeyRing,
  { sealedKey }: ChunkSealing,
  customerKey: CustomerKey | undefined,
): Promise<KeyObject> {
  const isCustomers = sealedKey[0] === CUSTOMER
  if (isCustomers && customerKey === undefined) throw new CorruptChunk('A chunk has a key that its object does not.')
  return createSecretKey(
    isCustomers && customerKey !== undefined
      ? unwrapWith(customerKey.reveal(), sealedKey.subarray(1))
      : await openWrapped(ring, sealedKey),
  )
}

/**
 * The same data key, wrapped with the newest key. Undefined where it is so already, and where a customer's key wraps
 * it, which the ring knows nothing of.
 */
export async function renewWrapping(ring: KeyRing, sealedKey: Buffer): Promise<Buffer | undefined> {
  if (sealedKey[0] === CUSTOMER) return undefined
  const { sealed, kmsKeyId, context } = parse(sealedKey)
  if (await asked(ring.isCurrent(sealed, kmsKeyId))) return undefined
  const bytes = await openWrapped(ring, sealedKey)
  if (kmsKeyId === undefined) return await wrap(ring, bytes, { algorithm: 'AES256' })
  return await wrap(ring, bytes, { algorithm: 'aws:kms', kmsKeyId, context })
}

async function wrap(ring: KeyRing, bytes: Buffer, protection: Protection): Promise<Buffer> {
  if (protection.algorithm === 'customer') {
    return Buffer.concat([Buffer.of(CUSTOMER), wrapWith(protection.key.reveal(), bytes)])
  }
  const { kmsKeyId } = protection
  if (kmsKeyId === undefined) return Buffer.concat([Buffer.of(MASTER), await ring.seal(bytes, CONTEXT)])
  const context = protection.algorithm === 'aws:kms' ? protection.context : undefined
  const name = nameOf({ kmsKeyId, context })
  const head = Buffer.alloc(1 + LENGTH_BYTES, KMS)
  head.writeUIntBE(Buffer.byteLength(name), 1, LENGTH_BYTES)
  const sealed = await asked(ring.seal(bytes, `${CONTEXT}/${name}`, kmsKeyId))
  return Buffer.concat([head, Buffer.from(name), sealed])
}

async function openWrapped(ring: KeyRing, sealedKey: Buffer): Promise<Buffer> {
  const { sealed, kmsKeyId, context } = parse(sealedKey)
  if (kmsKeyId === undefined) return await ring.open(sealed, CONTEXT)
  return await asked(ring.open(sealed, `${CONTEXT}/${nameOf({ kmsKeyId, context })}`, kmsKeyId))
}

interface KmsName {
  readonly kmsKeyId: string
  readonly context?: string | undefined
}

/** It is authenticated with the data key: neither can be exchanged. */
function nameOf({ kmsKeyId, context }: KmsName): string {
  return JSON.stringify(context === undefined ? [kmsKeyId] : [kmsKeyId, context])
}

/** What the ring has sealed, and for a KMS key its name. */
function parse(sealedKey: Buffer): { sealed: Buffer; kmsKeyId?: string; context?: string | undefined } {
  const [kind] = sealedKey
  if (kind === MASTER) return { sealed: sealedKey.subarray(1) }
  if (kind !== KMS || sealedKey.length < 1 + LENGTH_BYTES) throw new CorruptChunk('The data key of a chunk is broken.')
  const start = 1 + LENGTH_BYTES
  const end = start + sealedKey.readUIntBE(1, LENGTH_BYTES)
  const [kmsKeyId, context] = namesIn(sealedKey.toString('utf8', start, end))
  if (kmsKeyId === undefined) throw new CorruptChunk('The data key of a chunk is broken.')
  return { sealed: sealedKey.subarray(end), kmsKeyId, context }
}

function namesIn(text: string): string[] {
  try {
    return JSON.parse(text) as string[]
  } catch (cause) {
    throw new CorruptChunk('The data key of a chunk is broken.', { cause })
  }
}

/** Random nonces: one customer's key may wrap some billions of data keys. */
function wrapWith(key: KeyObject, bytes: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(CONTEXT))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function unwrapWith(key: KeyObject, wrapped: Buffer): Buffer {
  if (wrapped.length !== NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES) {
    throw new CorruptChunk('The data key of a chunk is broken.')
  }
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(CIPHER, key, wrapped.subarray(0, NONCE_BYTES), options)
  decipher.setAAD(Buffer.from(CONTEXT)).setAuthTag(wrapped.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new CorruptChunk('The data key of a chunk does not open.', { cause })
  }
}

/** The client named the key, so it hears of it. Codes and statuses are those of AWS. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    throw cause instanceof KeyUnavailable ? unavailable(cause) : cause
  }
}

function unavailable(cause: KeyUnavailable): S3Error {
  const { kmsKeyId, reason } = cause
  return reason === 'missing'
    ? s3Error('KMS.NotFoundException', {}, { message: `Key '${kmsKeyId}' does not exist`, cause })
    : s3Error('KMS.DisabledException', {}, { message: `${kmsKeyId} is disabled.`, cause })
}
