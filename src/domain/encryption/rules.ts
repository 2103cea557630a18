/** What providers decide differently about encryption; at `dialect.encryption`. */
export interface EncryptionRules {
  /**
   * How objects are encrypted where neither the request nor the bucket says: AWS encrypts everything with its own key
   * since January 2023 and says so in its answers.
   */
  readonly always: 'AES256' | undefined
  /** The key of aws:kms where none is named. Providers that demand a name never use it. */
  readonly defaultKmsKeyId: string
  /**
   * Whether an object under aws:kms or a customer's key has an ETag that is no MD5 of its bytes, as AWS documents. RGW
   * keeps the MD5 (recorded: object.put.sse_c).
   */
  readonly hidesMd5: boolean
  /** What answers a request without the key that the object needs, and one with another key. */
  readonly missingKey: KeyRefusal
  readonly wrongKey: KeyRefusal
  /** Whether a key for an object that needs none is an error. RGW takes no notice of it (rgw_crypt.cc). */
  readonly refusesIdleKeys: boolean
}

export interface KeyRefusal {
  readonly code: 'AccessDenied' | 'InvalidArgument' | 'InvalidRequest'
  readonly message: string
}
