import { setTimeout } from 'node:timers/promises'
import { s3Error } from '../../errors.ts'

export interface VaultClientOptions {
  /** Without a slash at its end. */
  readonly address: string
  /** Asked for each request, so that it is in no field. */
  readonly token: () => string
  readonly mount: string
  readonly namespace: string | undefined
  /** How long one request may take. */
  readonly timeoutMs: number
  /** Changed by tests only. */
  readonly retryDelayMs?: number
}

/** A request that failed is sent again, at most so often in all: a Vault that changes its leader is back soon. */
const ATTEMPTS_MAX = 3
/** The pause before the second attempt; it doubles before the third. */
const RETRY_DELAY_MS = 200
/**
 * Statuses that pass: sealed or standby (503), its storage in trouble (500), a proxy's (502, 504), too many requests.
 */
const PASSING: ReadonlySet<number> = new Set([412, 429, 472, 473, 500, 502, 503, 504])

type Answer = Readonly<Record<string, unknown>>

/** The engine refused a request: it was reached, and will say the same again. The message repeats nothing of its. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal'
  readonly status: number
  readonly #errors: readonly string[]

  constructor(status: number, errors: readonly string[]) {
    super(`it answered ${status}`)
    this.status = status
    this.#errors = errors
  }

  /** Of a key that does not exist and that the token may not make (builtin/logical/transit/path_decrypt.go). */
  get isMissingKey(): boolean {
    return this.status === 404 || this.#errors.some((error) => error.includes('encryption key not found'))
  }
}

/** The HTTP API of the transit engine. Errors say which address it was and what status, and never what was sent. */
export class VaultClient {
  readonly #options: VaultClientOptions

  constructor(options: VaultClientOptions) {
    this.#options = options
  }

  /**
   * @throws VaultRefusal; S3Error ServiceUnavailable when it does not answer, again and again
   */
  async send(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const { mount, retryDelayMs = RETRY_DELAY_MS } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(method, `${mount}/${path}`, body)
      } catch (cause) {
        const isFinal = cause instanceof VaultRefusal && !PASSING.has(cause.status)
        if (isFinal) throw cause
        if (attempt === ATTEMPTS_MAX) throw unreachable(cause)
        await setTimeout(retryDelayMs * 2 ** (attempt - 1))
      }
    }
  }

  /** What a GET finds; undefined where there is nothing. */
  async find(path: string): Promise<Answer | undefined> {
    try {
      return await this.send('GET', path)
    } catch (cause) {
      if (cause instanceof VaultRefusal && cause.status === 404) return undefined
      throw cause
    }
  }

  /** Whether the token is one at all: Vault refuses a bad one, and one without the right, with the same words. */
  async isTokenGood(): Promise<boolean> {
    try {
      await this.#sendOnce('GET', 'auth/token/lookup-self', undefined)
      return true
    } catch {
      return false
    }
  }

  async #sendOnce(method: string, path: string, body: object | undefined): Promise<Answer> {
    const { address, token, namespace, timeoutMs } = this.#options
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: {
        'x-vault-token': token(),
        'x-vault-request': 'true',
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A standby sends its clients elsewhere, and the token would go with them.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const answer = await documentOf(response)
    if (response.ok) return partOf(answer, 'data')
    const { errors } = answer
    throw new VaultRefusal(response.status, Array.isArray(errors) ? errors.map(String) : [])
  }
}

async function documentOf(response: Response): Promise<Answer> {
  const text = await response.text()
  if (text === '') return {}
  try {
    return asRecord(JSON.parse(text))
  } catch {
    // A proxy's page: its status says enough.
    return {}
  }
}

function partOf(answer: Answer, name: string): Answer {
  return asRecord(answer[name])
}

function asRecord(value: unknown): Answer {
  return typeof value === 'object' && value !== null ? (value as Answer) : {}
}

/** Clients hear that something is not there; the log hears what. */
function unreachable(cause: unknown): Error {
  return s3Error('ServiceUnavailable', {}, { message: 'The key ring does not respond.', cause })
}
