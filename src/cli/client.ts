import type { Config } from '../config/config.ts'
import { ERRORS } from '../errors.ts'
import { hostOf } from './address.ts'
import { signingHeaders } from './sign.ts'

/** What an answer holds, as JSON; undefined where it is empty. */
export type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean | null | undefined

/** Parameters of a request; undefined ones are left out, a bare name has the value ''. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>

/** A command failed in a way that its user can do something about. The message says what. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The admin API of the running server, asked as its root account. */
export class AdminClient {
  readonly #config: Pick<Config, 'admin' | 'root'>

  /** @throws CommandError where the configuration does not say which port it is */
  constructor(config: Pick<Config, 'admin' | 'root'>) {
    this.#config = config
    if (config.admin.port !== 0) return
    throw new CommandError('admin.port is 0, which is any port: name the one that the server listens on, --admin-port')
  }

  get #origin(): string {
    const { host, port } = this.#config.admin
    return `http://${hostOf(host)}:${port}`
  }

  /**
   * @param request `PUT user?key`: method, resource, and the parameter that chooses the operation
   * @throws CommandError where nobody answers, and with the server's reason where it refuses
   */
  async send(request: string, parameters: Parameters = {}): Promise<Json> {
    const [method = '', target = ''] = request.split(' ')
    const url = new URL(`${this.#origin}/admin/${target}`)
    const more = Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
    )
    url.search = [url.search.slice(1), ...more].filter((piece) => piece !== '').join('&')
    const headers = signingHeaders({ method, url, key: this.#config.root, nowMs: Date.now() })
    const response = await this.#reach(() => fetch(url, { method, headers }))
    const text = await response.text()
    const answer = parse(text)
    if (response.ok && (text === '' || answer !== undefined)) return answer
    throw new CommandError(this.#refusal(response.status, answer))
  }

  async #reach(work: () => Promise<Response>): Promise<Response> {
    try {
      return await work()
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : ''
      throw new CommandError(
        `no server answers at ${this.#origin}${reason}; start it with \`cozos start\`, or say where it is with ` +
          '--admin-host, --admin-port or --config',
        { cause },
      )
    }
  }

  #refusal(status: number, answer: Json): string {
    const { Code: code, Message: message, status: phase } = isObject(answer) ? answer : {}
    if (status === 503 && typeof phase === 'string') return `the server at ${this.#origin} is ${phase}: try again`
    if (typeof code !== 'string') return `what answers at ${this.#origin} is not the admin port of cozos`
    if (code === 'InvalidAccessKeyId' || code === 'SignatureDoesNotMatch') {
      return 'the server has another root key pair: use its configuration, --config, or COZOS_ROOT_ACCESS_KEY and COZOS_ROOT_SECRET_KEY'
    }
    const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS][1] : ''
    return `${typeof message === 'string' && message !== '' ? message : known} (${code})`
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

export function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
