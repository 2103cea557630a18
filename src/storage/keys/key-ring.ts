/**
 * The key ring port: small secrets are sealed with a key that the ring alone holds: its own master key, or one of the
 * keys that clients name (KMS keys). Every engine passes test/contracts/key-ring.ts.
 *
 * Every method may throw S3Error ServiceUnavailable where the engine asks somebody else, who does not answer.
 */
export interface KeyRing {
  /**
   * Encrypts and authenticates, under the newest master key or under the KMS key of this name. `context` says what the
   * secret is and whose (`access-key/AKIA…`): what is sealed for one context does not open in another, so that a row's
   * bytes cannot be moved to another row.
   * @throws KeyUnavailable
   */
  seal(plain: Buffer, context: string, kmsKeyId?: string): Promise<Buffer>
  /**
   * @throws SealBroken when the bytes, the context or the ring's keys are not those that it was sealed with;
   *   KeyUnavailable
   */
  open(sealed: Buffer, context: string, kmsKeyId?: string): Promise<Buffer>
  /**
   * Makes a new master key and returns its name. Whatever is sealed from now on is sealed with it; what was sealed
   * before still opens.
   */
  rotate(): Promise<string>
  /** Whether this was sealed with what is the newest key now. What is not has to be sealed anew after a rotation. */
  isCurrent(sealed: Buffer, kmsKeyId?: string): Promise<boolean>
  /**
   * Forgets every master key but this one, as long as it is the newest: nothing that is kept is sealed with another one
   * any more. An engine whose keys are others' too keeps them.
   */
  forgetOthers(newest: string): Promise<void>
}

/** What was sealed cannot be opened. The message names the context, never the content. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

/** A key that a client named cannot be used. The message names it. */
export class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable'
  readonly reason: 'missing' | 'disabled'
  readonly kmsKeyId: string

  constructor(kmsKeyId: string, reason: 'missing' | 'disabled', options?: ErrorOptions) {
    super(`the key ${kmsKeyId} is ${reason}`, options)
    this.reason = reason
    this.kmsKeyId = kmsKeyId
  }
}
