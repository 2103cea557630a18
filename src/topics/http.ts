import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { HttpEndpoint } from './endpoint.ts'
import type { NetworkGuard } from './guard.ts'
import { describeEndpoint, messageOf } from './identity.ts'
import { type CloudEventAttributes, type OpenTarget, PushFailed, type TopicEvent, type TopicTarget } from './topic.ts'
import { readTrust } from './trust.ts'

/** Connections to one endpoint at once; more events wait for one of them. */
const SOCKETS_MAX = 16
/** What an endpoint answers is nobody's business: beyond this its connection is cut instead of being read empty. */
const ANSWER_BYTES_MAX = 64 * 1024
/** So it is when the rest of an answer takes longer, in milliseconds: other events wait for the connection. */
const ANSWER_MS_MAX = 1_000

/** Targets that POST each event to a URL. */
export function openHttp({ guard }: { guard: NetworkGuard }): OpenTarget<HttpEndpoint> {
  return (endpoint) => new HttpTarget(endpoint, guard)
}

class HttpTarget implements TopicTarget {
  readonly #endpoint: HttpEndpoint
  readonly #guard: NetworkGuard
  readonly #url: URL
  readonly #outgoing = new Set<ClientRequest>()
  #agent: Promise<Agent> | undefined
  #closed = false

  constructor(endpoint: HttpEndpoint, guard: NetworkGuard) {
    this.#endpoint = endpoint
    this.#guard = guard
    this.#url = new URL(endpoint.url)
  }

  async push(event: TopicEvent, signal: AbortSignal): Promise<void> {
    this.#guard.assertHost(this.#url.hostname)
    const agent = await this.#opened()
    const post = (): Promise<Answer> => this.#post({ agent, event, signal })
    // An endpoint may close a kept connection in the moment it is used again; then a fresh one is tried.
    const answer = await post().then((first) => (first.kind === 'stale' ? post() : first))
    const name = describeEndpoint(this.#endpoint)
    if (answer.kind !== 'status') throw new PushFailed('unreachable', `${name}: the connection was closed`)
    const { status } = answer
    if (status >= 200 && status < 300) return
    throw new PushFailed(status === 413 ? 'too-large' : 'refused', `${name} answered ${status}`)
  }

  async close(): Promise<void> {
    this.#closed = true
    // Those that still wait for a connection would get a new one.
    for (const outgoing of this.#outgoing) outgoing.destroy()
    const agent = await this.#agent?.catch(() => undefined)
    agent?.destroy()
  }

  #opened(): Promise<Agent> {
    if (this.#closed) return Promise.reject(this.#left())
    const agent = this.#agent ?? this.#open()
    this.#agent = agent
    // A file of certificates that is not there yet is looked for again.
    agent.catch(() => {
      this.#agent = undefined
    })
    return agent
  }

  async #open(): Promise<Agent> {
    const trust = await readTrust(this.#endpoint.trust)
    const options = { keepAlive: true, maxSockets: SOCKETS_MAX, lookup: this.#guard.lookup, ...trust }
    return this.#url.protocol === 'https:' ? new TlsAgent(options) : new Agent(options)
  }

  #post({ agent, event, signal }: Posting): Promise<Answer> {
    const url = this.#url
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const send = url.protocol === 'https:' ? tlsRequest : request
    const headers = headersOf(this.#endpoint, event)
    const outgoing = send(url, { method: 'POST', agent, headers, signal })
    this.#outgoing.add(outgoing)
    outgoing.on('close', () => {
      this.#outgoing.delete(outgoing)
      // One that answers with another protocol than HTTP is closed without an error.
      resolve({ kind: 'closed' })
    })
    outgoing.on('response', (response) => {
      resolve({ kind: 'status', status: response.statusCode ?? 0 })
      drain(response)
    })
    outgoing.on('error', (cause: Error) => {
      if (!this.#closed && isStale(outgoing, cause)) resolve({ kind: 'stale' })
      else reject(this.#failure(cause, signal))
    })
    outgoing.end(event.document)
    return promise
  }

  #failure(cause: Error, signal: AbortSignal): PushFailed {
    if (signal.reason instanceof PushFailed) return signal.reason
    if (this.#closed) return this.#left()
    if (cause instanceof PushFailed) return cause
    const message = `${describeEndpoint(this.#endpoint)}: ${messageOf(cause, this.#endpoint)}`
    return new PushFailed('unreachable', message, { cause })
  }

  #left(): PushFailed {
    return new PushFailed('stopping', `${describeEndpoint(this.#endpoint)} is being left`)
  }
}

interface Posting {
  readonly agent: Agent
  readonly event: TopicEvent
  readonly signal: AbortSignal
}

type Answer = { readonly kind: 'status'; readonly status: number } | { readonly kind: 'stale' | 'closed' }

function isStale(outgoing: ClientRequest, cause: Error): boolean {
  const code = 'code' in cause ? cause.code : undefined
  return outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
}

function drain(response: IncomingMessage): void {
  let bytes = 0
  const timer = setTimeout(() => response.destroy(), ANSWER_MS_MAX).unref()
  response.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > ANSWER_BYTES_MAX) response.destroy()
  })
  response.on('close', () => clearTimeout(timer))
  // The status has been told; whatever happens to the rest of the answer changes nothing.
  response.on('error', () => undefined)
}

/** What RGW sends (recorded from 16.2), and CloudEvents' binary content mode where it is asked for. */
function headersOf(
  { credentials, cloudEvents }: HttpEndpoint,
  { document, cloudEvent }: TopicEvent,
): OutgoingHttpHeaders {
  const { user, password } = credentials ?? {}
  const basic = user === undefined ? undefined : Buffer.from(`${user}:${password?.reveal()}`).toString('base64')
  return {
    Accept: '*/*',
    'Content-Type': 'application/json',
    'Content-Length': document.length,
    ...(basic === undefined ? {} : { Authorization: `Basic ${basic}` }),
    ...(cloudEvents ? cloudEventHeaders(cloudEvent) : {}),
  }
}

function cloudEventHeaders({ id, source, type, time, subject }: CloudEventAttributes): OutgoingHttpHeaders {
  return {
    'ce-specversion': '1.0',
    'ce-type': encoded(type),
    'ce-time': encoded(time),
    'ce-id': encoded(id),
    'ce-source': encoded(source),
    'ce-subject': encoded(subject),
  }
}

/**
 * CloudEvents' HTTP binding, 3.1.3.2: percent-encoded UTF-8 for spaces, quotes, percent signs and all that is not
 * visible ASCII. RGW sends the bytes as they are, so that a key with a line break in it writes headers.
 */
function encoded(text: string): string {
  return text.replace(/[^\x21-\x7e]|["%]/gu, (character) => {
    return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  })
}
