import { createHash } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { encodePath, encodeQuery, signV4 } from '../support/sign.ts'

const ROOT_KEY = { accessKey: 'cozos', secretKey: 'cozos-secret' }

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Ask {
  readonly method: string
  /** Not encoded: `/bucket/key`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** Signed requests over kept connections. A request without a whole answer rejects. */
export class Client {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true })

  constructor(port: number) {
    this.#port = port
  }

  send({ method, path, query = {}, headers = {}, body }: Ask): Promise<Answer> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const target = encodePath(path)
    const queryText = encodeQuery(query)
    const url = { host: `127.0.0.1:${this.#port}`, path: target, query: queryText }
    const signed = signV4({ method, url, headers, body: bytes }, ROOT_KEY)
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path: queryText === '' ? target : `${target}?${queryText}`,
          agent: this.#agent,
          headers: { ...signed, 'content-length': String(bytes?.length ?? 0) },
        },
        (response) => {
          const pieces: Buffer[] = []
          response.on('data', (piece: Buffer) => pieces.push(piece))
          response.on('error', reject)
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(bytes)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
