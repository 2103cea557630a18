// Prepared, signed requests as the bytes that go over the wire.

import { signV4 } from '../test/support/sign.ts'
import { KEY } from './process.ts'

export interface Prepared {
  readonly port: number
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** The request's bytes, signed with SigV4. */
export function prepare(request: Prepared): string {
  const lines = [`${request.method} ${target(request)} HTTP/1.1`, `host: 127.0.0.1:${request.port}`]
  for (const [name, value] of Object.entries(signed(request))) lines.push(`${name}: ${value}`)
  if (request.method === 'PUT' || request.method === 'POST') lines.push(`content-length: ${request.body?.length ?? 0}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  return Buffer.concat([head, request.body ?? Buffer.alloc(0)]).toString('base64')
}

/** Sends one request and returns the answer; for setting up what a row measures, and for rows of few requests. */
export async function send(request: Prepared): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${request.port}${target(request)}`, {
    method: request.method,
    headers: signed(request),
    ...(request.body === undefined ? {} : { body: new Uint8Array(request.body) }),
  })
  if (!answer.ok) throw new Error(`${request.method} ${request.path}: ${answer.status} ${await answer.text()}`)
  return answer
}

function target(request: Prepared): string {
  return request.query === undefined ? request.path : `${request.path}?${request.query}`
}

/** The headers of the signed request but Host, which every client sets by itself. */
function signed(request: Prepared): Record<string, string> {
  const { host: _, ...headers } = signV4(
    {
      method: request.method,
      url: { host: `127.0.0.1:${request.port}`, path: request.path, query: request.query ?? '' },
      headers: request.headers ?? {},
      body: request.body,
    },
    KEY,
  )
  return headers
}
