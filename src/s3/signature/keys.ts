import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { AccessKey } from '../../domain/accounts.ts'
import { HmacKey } from './hmac.ts'

/** A signing key is valid for a day, a region and a service; a thousand of them are a few hundred KiB. */
const SIGNING_KEYS_MAX = 1000

export interface KeyScope {
  readonly day: string
  readonly region: string
  readonly service: string
}

/**
 * The keys that signatures are made with. Deriving one takes four HMACs, and preparing it for use another two hashes;
 * so they are kept. A key whose secret is changed is another AccessKey.
 */
export class SigningKeys {
  readonly #v4 = new Map<string, { readonly of: AccessKey; readonly key: HmacKey }>()
  readonly #v2 = new WeakMap<AccessKey, KeyObject>()

  v4(key: AccessKey, scope: KeyScope): HmacKey {
    const name = nameOf(key, scope)
    const kept = this.#v4.get(name)
    if (kept?.of === key) {
      // Map keeps the order of insertion: the front is what was not used for longest.
      if (this.#v4.size > SIGNING_KEYS_MAX / 2) {
        this.#v4.delete(name)
        this.#v4.set(name, kept)
      }
      return kept.key
    }
    const secret = `AWS4${key.secretKey.reveal()}`
    const derived = [scope.day, scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
      (previous, part) => createHmac('sha256', previous).update(part, 'latin1').digest(),
      secret,
    )
    return new HmacKey(Buffer.from(derived))
  }

  /** Called once a signature has proved right, so that guesses cannot drive real keys out. */
  keepV4(key: AccessKey, scope: KeyScope, derived: HmacKey): void {
    const name = nameOf(key, scope)
    if (this.#v4.get(name)?.of === key) return
    this.#v4.delete(name)
    this.#v4.set(name, { of: key, key: derived })
    if (this.#v4.size <= SIGNING_KEYS_MAX) return
    const [oldest] = this.#v4.keys()
    if (oldest !== undefined) this.#v4.delete(oldest)
  }

  v2(key: AccessKey): KeyObject {
    const kept = this.#v2.get(key)
    if (kept !== undefined) return kept
    const secret = createSecretKey(Buffer.from(key.secretKey.reveal(), 'utf8'))
    this.#v2.set(key, secret)
    return secret
  }
}

function nameOf(key: AccessKey, { day, region, service }: KeyScope): string {
  return `${key.accessKey}/${day}/${region}/${service}`
}
