import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { S3Error, s3Error } from '../../src/errors.ts'
import { type DecodedBody, decodeBody, requireLength } from '../../src/s3/payload.ts'
import { type Authentication, Authenticator } from '../../src/s3/signature/authenticate.ts'
import type { PayloadAuth } from '../../src/s3/signature/payload-auth.ts'
import { type ChunkedMode, signChunkedV4, signV4 } from '../support/sign.ts'
import { codeOf, EXAMPLE_KEY, exampleAccounts, wireHead } from '../support/wire-head.ts'

const url = { host: 'h', path: '/b/k' }
const DATE = new Date('2026-02-03T04:05:06Z')
const authenticator = new Authenticator({ accounts: exampleAccounts(), clock: { now: () => DATE.getTime() } })

function bound(payload: PayloadAuth): Authentication {
  const caller = { kind: 'anonymous' } as const
  return { caller, payload, accessKey: undefined, version: undefined, presigned: false, appended: false }
}

function plain(raw: Readable, payload: PayloadAuth, headers: Record<string, string> = {}): DecodedBody {
  return decodeBody(wireHead({ method: 'PUT', target: '/b/k', headers }), bound(payload), raw)
}

async function failure(body: DecodedBody): Promise<S3Error> {
  const error: unknown = await buffer(body.stream).then(
    () => new Error('the body came through'),
    (cause: unknown) => cause,
  )
  if (error instanceof S3Error) return error
  throw error
}

const DATA = Buffer.alloc(200_000, 'data')
const HEX = createHash('sha256').update(DATA).digest('hex')
const pieces = () => Readable.from([DATA.subarray(0, 70_000), DATA.subarray(70_000)], { objectMode: false })

describe('a plain body', () => {
  it('comes through as it is, with its length where there is one', async () => {
    const body = plain(pieces(), { kind: 'unsigned' }, { 'content-length': '200000' })
    expect(body.sizeBytes).toBe(200_000)
    expect((await buffer(body.stream)).equals(DATA)).toBe(true)
    expect(body.trailers().size).toBe(0)
    const unknown = plain(Readable.from([]), { kind: 'unsigned' }, { 'transfer-encoding': 'chunked' })
    expect(unknown.sizeBytes).toBeUndefined()
    expect((await buffer(unknown.stream)).length).toBe(0)
  })

  it('must have the hash it was signed with', async () => {
    const good = plain(pieces(), { kind: 'sha256', hex: HEX })
    expect((await buffer(good.stream)).equals(DATA)).toBe(true)
    const error = await failure(plain(pieces(), { kind: 'sha256', hex: 'ab'.repeat(32) }))
    expect(error.code).toBe('XAmzContentSHA256Mismatch')
    expect(error.details).toEqual({ ClientComputedContentSHA256: 'ab'.repeat(32), S3ComputedContentSHA256: HEX })
    const empty = await failure(plain(Readable.from([]), { kind: 'sha256', hex: HEX }))
    expect(empty.code).toBe('XAmzContentSHA256Mismatch')
  })

  it('proves the caller of a form whose hash only the signature knows', async () => {
    const form = Buffer.from('Action=ListTopics')
    const request = { method: 'POST', url: { host: 'h', path: '/' }, headers: { 'content-length': '17' }, body: form }
    const headers = signV4(request, EXAMPLE_KEY, { date: DATE, service: 'sns', sendHash: false })
    const head = wireHead({ method: 'POST', target: '/', headers })
    const decode = (bytes: Buffer) => decodeBody(head, authenticator.authenticate(head), Readable.from([bytes]))
    expect(String(await buffer(decode(form).stream))).toBe('Action=ListTopics')
    expect((await failure(decode(Buffer.from('Action=EvilAction')))).code).toBe('SignatureDoesNotMatch')
  })

  it('that breaks off is incomplete, unless the cause is known better', async () => {
    const broken = () => {
      const raw = new PassThrough()
      raw.write('half')
      return raw
    }
    const reset = broken()
    const first = failure(plain(reset, { kind: 'unsigned' }))
    reset.destroy(new Error('ECONNRESET'))
    expect((await first).code).toBe('IncompleteBody')
    const closed = broken()
    closed.destroy()
    expect((await failure(plain(closed, { kind: 'unsigned' }))).code).toBe('IncompleteBody')
    const slow = broken()
    const third = failure(plain(slow, { kind: 'unsigned' }))
    slow.destroy(s3Error('RequestTimeout'))
    expect((await third).code).toBe('RequestTimeout')
  })

  it('is read only as fast as its reader reads', async () => {
    let made = 0
    const endless = new Readable({
      read() {
        made += 65_536
        this.push(Buffer.alloc(65_536))
      },
    })
    const { stream } = plain(endless, { kind: 'unsigned' })
    expect(made).toBe(0)
    for await (const _bytes of stream) if (made > 4 * 1024 * 1024) break
    expect(stream.destroyed).toBe(true)
    expect(endless.isPaused()).toBe(true)
    expect(made).toBeLessThan(6 * 1024 * 1024)
    endless.destroy()
  })

  it('survives an error of the socket after its reader has gone', async () => {
    const raw = new PassThrough()
    raw.write('x')
    const { stream } = plain(raw, { kind: 'unsigned' })
    for await (const _bytes of stream) break
    const closed = new Promise((resolve) => raw.once('close', resolve))
    raw.destroy(new Error('ECONNRESET'))
    await closed
    expect(stream.errored).not.toBeInstanceOf(S3Error)
    expect(stream.destroyed).toBe(true)
  })
})

describe.each<ChunkedMode>(['signed', 'signed-trailer', 'unsigned-trailer'])('aws-chunked, %s', (mode) => {
  const trailers: Record<string, string> = mode === 'signed' ? {} : { 'x-amz-checksum-crc32': 'AAAAAA==' }
  const upload = signChunkedV4(
    { method: 'PUT', url },
    { data: DATA, mode, trailers },
    {
      key: EXAMPLE_KEY,
      options: { date: DATE },
    },
  )
  const head = wireHead({ method: 'PUT', target: '/b/k', headers: upload.headers })
  const decode = (body: Buffer) => decodeBody(head, authenticator.authenticate(head), Readable.from([body]))

  it('loses its framing', async () => {
    const body = decode(upload.body)
    expect(body.sizeBytes).toBe(200_000)
    expect((await buffer(body.stream)).equals(DATA)).toBe(true)
    expect(Object.fromEntries(body.trailers())).toEqual(trailers)
  })

  it('fails before its end where it was tampered with', async () => {
    const tampered = Buffer.from(upload.body)
    const at = tampered.length - 20
    tampered[at] = (tampered[at] ?? 0) ^ 1
    expect(await failure(decode(tampered))).toBeInstanceOf(S3Error)
    expect((await failure(decode(upload.body.subarray(0, -1)))).code).toBe('IncompleteBody')
    expect((await failure(decode(Buffer.concat([upload.body, Buffer.from('\r\n')])))).code).toBe('InvalidRequest')
  })
})

describe('which bodies are framed', () => {
  const framed = () => Readable.from([Buffer.from('5\r\nhello\r\n0\r\n\r\n')])

  it.each([
    [{ 'x-amz-decoded-content-length': '5' }],
    [{ 'content-encoding': 'gzip, AWS-Chunked', 'x-amz-decoded-content-length': '5' }],
  ])('%o', async (headers) => {
    const body = plain(framed(), { kind: 'unsigned' }, headers)
    expect(String(await buffer(body.stream))).toBe('hello')
    const unframed = plain(framed(), { kind: 'unsigned' }, { 'content-encoding': 'gzip' })
    expect(String(await buffer(unframed.stream))).toContain('\r\n')
  })

  it('needs the length of what is framed', () => {
    const decode = (headers: Record<string, string>) => plain(framed(), { kind: 'unsigned' }, headers)
    expect(codeOf(() => decode({ 'content-encoding': 'aws-chunked' }))).toBe('MissingContentLength')
    expect(codeOf(() => plain(framed(), { kind: 'unsigned-chunks' }))).toBe('MissingContentLength')
    for (const text of ['', '-1', '5.0', 'x', '1e3', '9999999999999999']) {
      expect(
        codeOf(() => decode({ 'x-amz-decoded-content-length': text })),
        text,
      ).toBe('InvalidArgument')
    }
  })
})

describe('requireLength', () => {
  const check = (headers: Record<string, string>) => requireLength(wireHead({ method: 'PUT', target: '/b/k', headers }))

  it('wants a length, or aws-chunked inside of chunked', () => {
    check({ 'content-length': '0' })
    check({ 'transfer-encoding': 'chunked', 'x-amz-decoded-content-length': '5' })
    expect(codeOf(() => check({}))).toBe('MissingContentLength')
    expect(codeOf(() => check({ 'transfer-encoding': 'chunked' }))).toBe('MissingContentLength')
    expect(codeOf(() => check({ 'x-amz-decoded-content-length': '5' }))).toBe('MissingContentLength')
  })
})

describe('over a real connection', () => {
  let server: Server

  beforeEach(() => {
    server = createServer()
    return new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())))

  /** The outcome of the first request's body that these bytes are; the client closes behind them if told so. */
  function outcome(bytes: string, close: boolean): Promise<Buffer | S3Error> {
    return new Promise((resolve, reject) => {
      server.on('request', (request: IncomingMessage, response) => {
        const { stream } = plain(request, { kind: 'unsigned' })
        buffer(stream)
          .then(resolve, (error: unknown) => (error instanceof S3Error ? resolve(error) : reject(error)))
          .finally(() => {
            response.end()
            request.destroy()
          })
      })
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(bytes, () => close && socket.destroy())
    })
  }

  const head = 'PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n'

  it('a client that goes away in the middle leaves an incomplete body', async () => {
    expect(await outcome(`${head}hel`, true)).toMatchObject({ code: 'IncompleteBody' })
  })

  it('and one that stays a whole one', async () => {
    expect(String(await outcome(`${head}hello`, false))).toBe('hello')
  })
})
