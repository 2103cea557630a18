import { s3Error } from '../../errors.ts'
import { type KeyRing, KeyUnavailable, SealBroken } from './key-ring.ts'
import { type KmsKeySettings, KmsKeys } from './kms-keys.ts'
import { VaultClient, type VaultClientOptions, VaultRefusal } from './vault-client.ts'

export interface VaultKeyRingOptions extends VaultClientOptions {
  /** The transit key that is the master key. */
  readonly key: string
  readonly kms: KmsKeySettings
}

/** Every ciphertext of the transit engine begins so; the number is the version of its key. */
const CIPHERTEXT = /^vault:v(\d+):/
/** Names of transit keys. */
const KEY_NAME = /^\w(?:[\w.-]*\w)?$/
/** How long the newest version of a key is remembered: a rotation's walk asks for each of many secrets. */
const VERSION_MS = 10_000

/**
 * The key ring of a HashiCorp Vault or an OpenBao: its transit engine seals and opens, and no key ever leaves it. The
 * KMS keys that clients name are transit keys of these names. The master key is made where it is missing.
 * @throws Error for the operator when it does not answer, or refuses the token
 */
export async function openVaultKeyRing(options: VaultKeyRingOptions): Promise<KeyRing> {
  const ring = new VaultKeyRing(options)
  try {
    await ring.makeMasterKey()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the key ring at ${options.address} cannot be used: ${reason}`, { cause })
  }
  return ring
}

class VaultKeyRing implements KeyRing {
  readonly #client: VaultClient
  readonly #masterKey: string
  readonly #kms: KmsKeys
  readonly #versions = new Map<string, { readonly latest: number; readonly untilMs: number }>()

  constructor({ key, kms, ...client }: VaultKeyRingOptions) {
    this.#client = new VaultClient(client)
    this.#masterKey = key
    this.#kms = new KmsKeys(kms)
  }

  async makeMasterKey(): Promise<void> {
    if ((await this.#latestVersion(this.#masterKey)) !== undefined) return
    await this.#client.send('POST', `keys/${this.#masterKey}`, { type: 'aes256-gcm96' })
  }

  async seal(plain: Buffer, context: string, kmsKeyId?: string): Promise<Buffer> {
    const name = this.#nameOf(kmsKeyId)
    if (kmsKeyId !== undefined && !this.#kms.autoCreate) await this.#assertThere(name, kmsKeyId)
    // A key that is not there is made by this, if the token may.
    const { ciphertext } = await this.#asked(kmsKeyId, () =>
      this.#client.send('POST', `encrypt/${name}`, { plaintext: plain.toString('base64'), ...associated(context) }),
    )
    if (typeof ciphertext !== 'string' || !CIPHERTEXT.test(ciphertext)) throw unusable()
    return Buffer.from(ciphertext)
  }

  async open(sealed: Buffer, context: string, kmsKeyId?: string): Promise<Buffer> {
    const name = this.#nameOf(kmsKeyId)
    const ciphertext = sealed.toString('latin1')
    if (!isCanonical(ciphertext)) throw broken(context)
    const { plaintext } = await this.#asked(kmsKeyId, () =>
      this.#client.send('POST', `decrypt/${name}`, { ciphertext, ...associated(context) }),
    ).catch((cause: unknown) => {
      throw cause instanceof VaultRefusal ? broken(context, cause) : cause
    })
    if (typeof plaintext !== 'string') throw unusable()
    return Buffer.from(plaintext, 'base64')
  }

  async rotate(): Promise<string> {
    await this.#asked(undefined, () => this.#client.send('POST', `keys/${this.#masterKey}/rotate`, {}))
    this.#versions.delete(this.#masterKey)
    return `v${await this.#latestVersion(this.#masterKey)}`
  }

  async isCurrent(sealed: Buffer, kmsKeyId?: string): Promise<boolean> {
    const version = CIPHERTEXT.exec(sealed.toString('latin1', 0, VERSION_LENGTH))?.[1]
    const latest = await this.#latestVersion(this.#nameOf(kmsKeyId))
    return latest !== undefined && Number(version) === latest
  }

  /** Others may use the same keys: which of their versions may go is for who operates the Vault to say. */
  async forgetOthers(): Promise<void> {}

  #nameOf(kmsKeyId: string | undefined): string {
    if (kmsKeyId === undefined) return this.#masterKey
    const name = this.#kms
      .enabled(kmsKeyId)
      .replace(/^alias\//, '')
      .replaceAll('/', '-')
    // The master key's name is none that a client may use.
    if (!KEY_NAME.test(name) || name === this.#masterKey) throw new KeyUnavailable(kmsKeyId, 'missing')
    return name
  }

  async #assertThere(name: string, kmsKeyId: string): Promise<void> {
    if ((await this.#latestVersion(name)) === undefined) throw new KeyUnavailable(kmsKeyId, 'missing')
  }

  /** Undefined where there is no such key. */
  async #latestVersion(name: string): Promise<number | undefined> {
    const known = this.#versions.get(name)
    if (known !== undefined && performance.now() < known.untilMs) return known.latest
    const found = await this.#asked(undefined, () => this.#client.find(`keys/${name}`))
    if (found === undefined) return undefined
    const latest = found['latest_version']
    if (typeof latest !== 'number') throw unusable()
    this.#versions.set(name, { latest, untilMs: performance.now() + VERSION_MS })
    return latest
  }

  /**
   * What a client's key is refused for is the client's to hear: a key that the token has no right to is as good as
   * disabled. All other refusals are ours.
   */
  async #asked<T>(kmsKeyId: string | undefined, send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (cause) {
      if (!(cause instanceof VaultRefusal)) throw cause
      if (kmsKeyId !== undefined && cause.isMissingKey) throw new KeyUnavailable(kmsKeyId, 'missing', { cause })
      if (cause.status === 400) throw cause
      const isKeys = kmsKeyId !== undefined && (await this.#client.isTokenGood())
      throw isKeys ? new KeyUnavailable(kmsKeyId, 'disabled', { cause }) : unusable(cause)
    }
  }
}

/** `vault:v` and the digits of a version. */
const VERSION_LENGTH = 24

/** GCM's associated data: what is sealed for one context does not open in another. */
function associated(context: string): { associated_data: string } {
  return { associated_data: Buffer.from(context).toString('base64') }
}

/** As the engine writes it. Of base64 texts that decode alike it might open others too. */
function isCanonical(text: string): boolean {
  const [prefix] = CIPHERTEXT.exec(text) ?? []
  if (prefix === undefined) return false
  const sealed = text.slice(prefix.length)
  return Buffer.from(sealed, 'base64').toString('base64') === sealed
}

function broken(context: string, cause?: unknown): SealBroken {
  return new SealBroken(`what was sealed for ${context} does not open with this key ring`, { cause })
}

function unusable(cause?: unknown): Error {
  return s3Error('ServiceUnavailable', {}, { message: 'The key ring cannot be used.', cause })
}
