import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The transit engine of Vault and OpenBao as far as the key ring uses it, with real AES-256-GCM. Answers are those of
 * builtin/logical/transit: ciphertexts `vault:v<version>:<base64 of nonce, text and tag>`, errors as documents.
 */
export interface Transit {
  readonly address: string
  readonly token: string
  /** Each request as it came: method, path, headers. */
  readonly requests: readonly { method: string; path: string; headers: IncomingMessage['headers'] }[]
  /** Keys by name, each a list of versions. */
  readonly keys: Map<string, Buffer[]>
  /** Statuses that the next requests are answered with, whatever they ask. */
  readonly failures: (number | 'hang-up' | 'silence')[]
  /** Keys that the token has no right to. */
  readonly denied: Set<string>
  /** Whether the token may make keys by encrypting with them. */
  mayCreate: boolean
  /** Whether the token is still one. */
  tokenIsGood: boolean
  close(): Promise<void>
}

interface Asked {
  readonly plaintext?: string
  readonly ciphertext?: string
  readonly associated_data?: string
}

type Answer = readonly [status: number, body?: object]

const NONCE_BYTES = 12
const TAG_BYTES = 16

export async function startTransit(mount = 'transit'): Promise<Transit> {
  const server = createServer((request, response) => void serve(transit, mount, { request, response }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const transit = {
    address: `http://127.0.0.1:${port}`,
    token: 'hvs.a-token-that-must-not-be-told',
    requests: [] as { method: string; path: string; headers: IncomingMessage['headers'] }[],
    keys: new Map<string, Buffer[]>(),
    failures: [] as (number | 'hang-up' | 'silence')[],
    denied: new Set<string>(),
    mayCreate: true,
    tokenIsGood: true,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return transit
}

type State = Omit<Transit, 'requests'> & { readonly requests: Transit['requests'][number][] }

async function serve(
  transit: State,
  mount: string,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { method = '', url: path = '', headers } = request
  transit.requests.push({ method, path, headers })
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  const failure = transit.failures.shift()
  if (failure === 'silence') return
  if (failure === 'hang-up') return void request.socket.destroy()
  const [status, body] = failure === undefined ? answer(transit, { method, path, headers, text, mount }) : [failure]
  response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
}

interface Request {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly mount: string
}

const DENIED: Answer = [403, { errors: ['1 error occurred:\n\t* permission denied\n\n'] }]
const refusal = (error: string): Answer => [400, { errors: [error] }]

function answer(transit: State, { method, path, headers, text, mount }: Request): Answer {
  if (headers['x-vault-token'] !== transit.token || !transit.tokenIsGood) return DENIED
  if (path === '/v1/auth/token/lookup-self') return [200, { data: { policies: ['default'] } }]
  const [verb = '', name = '', action] = path.startsWith(`/v1/${mount}/`) ? path.slice(mount.length + 5).split('/') : []
  const body = (text === '' ? {} : JSON.parse(text)) as Asked
  if (transit.denied.has(name)) return DENIED
  const versions = transit.keys.get(name)
  switch (`${method} ${verb}${action === undefined ? '' : `/${action}`}`) {
    case 'GET keys':
      if (versions === undefined) return [404, { errors: [] }]
      return [200, { data: { name, type: 'aes256-gcm96', latest_version: versions.length } }]
    case 'POST keys':
      if (versions === undefined) transit.keys.set(name, [randomBytes(32)])
      return [200, { data: {} }]
    case 'POST keys/rotate':
      if (versions === undefined) return refusal('key not found')
      versions.push(randomBytes(32))
      return [200, { data: {} }]
    case 'POST encrypt':
      if (versions === undefined && !transit.mayCreate) return DENIED
      if (versions === undefined) transit.keys.set(name, [randomBytes(32)])
      return [200, { data: { ciphertext: encrypt(transit.keys.get(name) ?? [], body), key_version: 1 } }]
    case 'POST decrypt':
      return versions === undefined ? refusal('encryption key not found') : decrypt(versions, body)
  }
  return [404, { errors: [] }]
}

function encrypt(versions: readonly Buffer[], { plaintext = '', associated_data = '' }: Asked): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) ?? Buffer.alloc(0), nonce)
  cipher.setAAD(Buffer.from(associated_data, 'base64'))
  const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'base64'), cipher.final(), cipher.getAuthTag()])
  return `vault:v${versions.length}:${sealed.toString('base64')}`
}

function decrypt(versions: readonly Buffer[], { ciphertext = '', associated_data = '' }: Asked): Answer {
  const [, version, text = ''] = /^vault:v(\d+):([A-Za-z0-9+/=]*)$/.exec(ciphertext) ?? []
  if (version === undefined) return refusal('invalid ciphertext: no prefix')
  const key = versions[Number(version) - 1]
  if (key === undefined) return refusal('invalid ciphertext: version is too new')
  const sealed = Buffer.from(text, 'base64')
  if (sealed.length < NONCE_BYTES + TAG_BYTES) {
    return refusal('invalid ciphertext: could not decode base64')
  }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(associated_data, 'base64')).setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
    return [200, { data: { plaintext: plain.toString('base64') } }]
  } catch {
    return refusal('cipher: message authentication failed')
  }
}
