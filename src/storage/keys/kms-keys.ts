import { KeyUnavailable } from './key-ring.ts'

/** Which KMS keys there are, as the configuration says. */
export interface KmsKeySettings {
  readonly keys: readonly { readonly id: string; readonly disabled: boolean }[]
  /** Whether a key that is not listed is made when it is first used. */
  readonly autoCreate: boolean
}

/** Names a KMS key in another way: AWS's ARN, or ZOS's `cmkuuid:keyspec:userid` (its manual, 1.20). */
const ARN = /^arn:[^:]*:kms:[^:]*:[^:]*:(?:key\/)?(.+)$/
const ZOS_ID = /^([^:]+):[^:]+:[^:]+$/

/** The key that an id means: `key/` ARNs and ZOS's triples name one by its id, aliases stand for themselves. */
export function kmsKeyName(kmsKeyId: string): string {
  return (ARN.exec(kmsKeyId) ?? ZOS_ID.exec(kmsKeyId))?.[1] ?? kmsKeyId
}

/** The configured keys, by what their ids mean. */
export class KmsKeys {
  readonly autoCreate: boolean
  readonly #disabled = new Map<string, boolean>()

  constructor({ keys, autoCreate }: KmsKeySettings) {
    this.autoCreate = autoCreate
    for (const { id, disabled } of keys) this.#disabled.set(kmsKeyName(id), disabled)
  }

  /**
   * The name of the key that the id means.
   * @throws KeyUnavailable when it is disabled
   */
  enabled(kmsKeyId: string): string {
    const name = kmsKeyName(kmsKeyId)
    if (this.#disabled.get(name) === true) throw new KeyUnavailable(kmsKeyId, 'disabled')
    return name
  }

  /** Whether the configuration names this key. */
  lists(name: string): boolean {
    return this.#disabled.has(name)
  }
}
