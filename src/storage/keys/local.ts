import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyRing, KeyUnavailable, SealBroken } from './key-ring.ts'
import { type KmsKeySettings, KmsKeys } from './kms-keys.ts'

/**
 * The file is `{ version, active, keys }`: keys by their ids, base64. What is sealed names its key, so that the keys of
 * earlier times may stay beside the active one.
 */
const FILE = 'keyring.json'
const FILE_VERSION = 1
/** Nobody but its owner needs it. */
const FILE_MODE = 0o600
/** Bits of a mode that let others in. */
const OTHERS = 0o077

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
/** GCM's own length; drawn at random, it bears some billions of secrets under one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What is sealed: this version in one byte, the key's id, the nonce, the cipher text, the tag. */
const SEAL_VERSION = 1
const KEY_ID_BYTES = 4
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES

/** What separates the keys that are derived for clients from whatever else may once be derived. */
const KMS_INFO = 'kms/'
const ANY_KEY: KmsKeySettings = { keys: [], autoCreate: true }

export interface LocalKeyRingOptions {
  /** The data directory, which this process has to itself. */
  readonly dir: string
  /** Left out: any key may be named. */
  readonly kms?: KmsKeySettings
  readonly onWarn?: (message: string, details: object) => void
}

/**
 * The key ring in `keyring.json`, which is made where it is missing. Whoever has the file and the database has the
 * secrets: it keeps them out of copies of the database, not from somebody who may read the directory.
 *
 * A KMS key is derived from the master key and its name: naming one costs nothing, a key that is taken off the list and
 * put back is the same one, and a rotation renews them all.
 * @throws Error naming the file where it is broken or a newer cozos has written it
 */
export function openLocalKeyRing({ dir, kms, onWarn }: LocalKeyRingOptions): KeyRing {
  const path = join(dir, FILE)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    const id = newId()
    store(dir, { active: id, byId: new Map([[id, newKey()]]) })
  } else if ((stats.mode & OTHERS) !== 0) {
    onWarn?.('the key ring may be read by other users of this machine: chmod 600 it', { path })
  }
  return new LocalKeyRing(dir, parse(readFileSync(path, 'utf8'), path), new KmsKeys(kms ?? ANY_KEY))
}

interface Keys {
  readonly active: string
  readonly byId: ReadonlyMap<string, KeyObject>
}

class LocalKeyRing implements KeyRing {
  readonly #dir: string
  readonly #kms: KmsKeys
  #keys: Keys

  constructor(dir: string, keys: Keys, kms: KmsKeys) {
    this.#dir = dir
    this.#keys = keys
    this.#kms = kms
  }

  async seal(plain: Buffer, context: string, kmsKeyId?: string): Promise<Buffer> {
    const { active } = this.#keys
    const nonce = randomBytes(NONCE_BYTES)
    const head = Buffer.concat([Buffer.of(SEAL_VERSION), Buffer.from(active, 'hex'), nonce])
    const cipher = createCipheriv(CIPHER, this.#key(active, { context, kmsKeyId }), nonce).setAAD(Buffer.from(context))
    return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  async open(sealed: Buffer, context: string, kmsKeyId?: string): Promise<Buffer> {
    if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== SEAL_VERSION) throw broken(context)
    const key = this.#key(keyIdOf(sealed), { context, kmsKeyId })
    const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES)
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()])
    } catch (cause) {
      throw broken(context, cause)
    }
  }

  async rotate(): Promise<string> {
    const { byId } = this.#keys
    let id = newId()
    while (byId.has(id)) id = newId()
    this.#replace({ active: id, byId: new Map([...byId, [id, newKey()]]) })
    return id
  }

  async isCurrent(sealed: Buffer): Promise<boolean> {
    return keyIdOf(sealed) === this.#keys.active
  }

  async forgetOthers(newest: string): Promise<void> {
    const { active, byId } = this.#keys
    if (active === newest && byId.size > 1)
      this.#replace({ active, byId: new Map([...byId].filter(([id]) => id === active)) })
  }

  /** The file first: nothing is sealed with a key that is not on the disk. */
  #replace(keys: Keys): void {
    store(this.#dir, keys)
    this.#keys = keys
  }

  #key(id: string, { context, kmsKeyId }: { context: string; kmsKeyId: string | undefined }): KeyObject {
    const master = this.#keys.byId.get(id)
    if (master === undefined) throw broken(context)
    if (kmsKeyId === undefined) return master
    const name = this.#kms.enabled(kmsKeyId)
    if (!this.#kms.autoCreate && !this.#kms.lists(name)) throw new KeyUnavailable(kmsKeyId, 'missing')
    return createSecretKey(Buffer.from(hkdfSync('sha256', master, '', KMS_INFO + name, KEY_BYTES)))
  }
}

function keyIdOf(sealed: Buffer): string {
  return sealed.toString('hex', 1, 1 + KEY_ID_BYTES)
}

function newId(): string {
  return randomBytes(KEY_ID_BYTES).toString('hex')
}

function newKey(): KeyObject {
  return createSecretKey(randomBytes(KEY_BYTES))
}

function broken(context: string, cause?: unknown): SealBroken {
  return new SealBroken(`what was sealed for ${context} does not open with this key ring`, { cause })
}

/** Whole or not at all, and on the disk before anything is sealed with it. */
function store(dir: string, { active, byId }: Keys): void {
  const keys = Object.fromEntries([...byId].map(([id, key]) => [id, key.export().toString('base64')]))
  const temporary = join(dir, `${FILE}.new`)
  // What a crash has left here was never used.
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', FILE_MODE)
  try {
    writeSync(file, `${JSON.stringify({ version: FILE_VERSION, active, keys }, undefined, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, join(dir, FILE))
  const folder = openSync(dir, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** The errors say nothing of the content: it is secret. */
function parse(text: string, path: string): Keys {
  const content = contentOf(text)
  if (typeof content?.['version'] === 'number' && content['version'] > FILE_VERSION) {
    throw new Error(`the key ring ${path} was written by a newer cozos: use that one`)
  }
  const byId = new Map<string, KeyObject>()
  const { version, active, keys } = content ?? {}
  for (const [id, value] of Object.entries(typeof keys === 'object' && keys !== null ? keys : {})) {
    const key = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
    const isSound = key?.length === KEY_BYTES && /^[0-9a-f]+$/.test(id) && id.length === 2 * KEY_ID_BYTES
    if (key === undefined || !isSound) throw unusable(path)
    byId.set(id, createSecretKey(key))
  }
  if (version !== FILE_VERSION || typeof active !== 'string' || !byId.has(active)) throw unusable(path)
  return { active, byId }
}

function contentOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const content: unknown = JSON.parse(text)
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function unusable(path: string): Error {
  return new Error(
    `the key ring ${path} is broken: put a copy of it back; without it the users' secrets cannot be read`,
  )
}
