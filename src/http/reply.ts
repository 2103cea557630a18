import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Dialect } from '../s3/dialect.ts'
import type { HeaderValue, WireResponse } from '../s3/response.ts'
import { AnswerBody } from './answer-body.ts'
import type { Exchange } from './exchange.ts'
import { canKeepAlive, drain } from './linger.ts'

/** What an answer consists of once its status is known. */
export interface Answer extends WireResponse {
  readonly status: number
}

/**
 * Sends an answer with the headers that every answer bears, in RGW's order: the operation's own, x-amz-request-id, the
 * content type; Node adds Date and Connection. Resolves when all of it has been handed to the socket.
 * @throws what a streamed body fails with; the head has been sent then
 */
export async function reply(exchange: Exchange, dialect: Dialect, answer: Answer): Promise<void> {
  const { response, request } = exchange
  // Node writes the head in the encoding of a text that follows it, and would encode its UTF-8 a second time.
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const headers = allHeaders(exchange, dialect, answer)
  const keeps = !exchange.hasUnreadBody || canKeepAlive(exchange)
  if (!keeps) headers.push('Connection', 'close')
  exchange.sentHeaders = answer.headers
  exchange.answeredAt = performance.now()
  response.writeHead(answer.status, headers as string[])
  if (body instanceof Readable) {
    if (request.method === 'HEAD') {
      body.destroy()
      response.end()
    } else {
      await stream(exchange, body)
    }
    return
  }
  if (request.method !== 'HEAD' && body !== undefined) {
    exchange.bytesOut = body.length
  }
  if (exchange.hasUnreadBody) {
    if (body !== undefined && request.method !== 'HEAD') response.write(body)
    else response.flushHeaders()
    await drain(exchange)
    // A connection on which the rest of a body is still to come takes no other request, whatever its answer announced.
    response.end(() => exchange.hasUnreadBody && request.socket.destroySoon())
  } else {
    response.end(body)
  }
}

async function stream(exchange: Exchange, body: Readable): Promise<void> {
  // Its client has left already, and a pipeline that cannot begin leaves its source as it is.
  if (exchange.response.destroyed) return void body.destroy()
  // With a body that fails the connection closes too, which looks as if the client had left.
  body.once('error', () => {
    exchange.hasFailedBody = !exchange.aborted
  })
  await pipeline(body, new AnswerBody(exchange))
}

/** Names and values in turn: the form that Node writes without looking at it again. */
function allHeaders(exchange: Exchange, dialect: Dialect, { status, headers, body }: Answer): (string | number)[] {
  const flat: (string | number)[] = []
  let hasLength = false
  let hasType = false
  for (const [name, value] of headers ?? []) {
    if (value === undefined) continue
    // Only names of these lengths can be those we look for: Content-Type, Content-Length, Content-Disposition.
    if (name.length === 12 && name.toLowerCase() === 'content-type') hasType = true
    else if (name.length === 14 && name.toLowerCase() === 'content-length') hasLength = true
    const text = fieldValue(value)
    // Node decodes this one header by itself where it knows the length of the body already.
    const isDecoded = hasLength && name.length === 19 && name.toLowerCase() === 'content-disposition'
    flat.push(name, isDecoded ? fieldValue(text) : text)
  }
  // Neither 204 nor 304 has a body whose length could be told: RFC 9110 section 8.6.
  const mayHaveLength = status !== 204 && status !== 304
  if (!hasLength && mayHaveLength && !(body instanceof Readable)) flat.push('Content-Length', lengthOf(body))
  for (const [name, value] of dialect.idHeaders(exchange.requestId)) flat.push(name, value)
  if (!hasType && typeof body === 'string' && body !== '') flat.push('Content-Type', 'application/xml')
  return flat
}

function lengthOf(body: string | Buffer | undefined): number {
  if (body === undefined) return 0
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}

const PLAIN = /^[\t\x20-\x7e]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g

/**
 * Node writes header text as Latin-1, so text is handed to it as the characters that its UTF-8 bytes are in Latin-1:
 * what came in as UTF-8 goes out as the same bytes. Control characters would end the header; they become spaces.
 */
function fieldValue(value: NonNullable<HeaderValue>): string | number {
  if (typeof value === 'number' || PLAIN.test(value)) return value
  return Buffer.from(value.replace(CONTROLS, ' '), 'utf8').toString('latin1')
}
