import { describe, expect, it } from 'vitest'
import { HEADER_FIELDS_MAX } from '../../src/http/pipeline.ts'
import { RawConnection } from '../support/raw.ts'
import { useServer } from '../support/server.ts'

const server = useServer()

async function exchange(text: string): Promise<string> {
  const connection = await RawConnection.open(server().port)
  connection.send(text)
  return connection.end()
}

const host = (): string => `Host: 127.0.0.1:${server().port}\r\n`
const close = 'Connection: close\r\n'

describe('what is no HTTP', () => {
  it.each([
    ['a line that is no request', () => 'HELLO\r\n\r\n'],
    ['an unknown method', () => `FROB / HTTP/1.1\r\n${host()}\r\n`],
    ['a Content-Length that is no number', () => `PUT /b/k HTTP/1.1\r\n${host()}Content-Length: abc\r\n\r\n`],
    ['two lengths', () => `PUT /b/k HTTP/1.1\r\n${host()}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    [
      'a length beside a transfer coding',
      () => `PUT /b/k HTTP/1.1\r\n${host()}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    ['40 KB of headers', () => `GET / HTTP/1.1\r\n${host()}X-Big: ${'x'.repeat(40_000)}\r\n\r\n`],
    ['a 20 KB request target', () => `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host()}\r\n`],
    ['no Host header', () => 'GET / HTTP/1.1\r\n\r\n'],
    ['a TLS greeting on the plain port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('is answered 400 and nothing more: %s', async (_name, text) => {
    const answer = await exchange(text())
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).not.toContain('<?xml')
    expect(await exchange(`GET / HTTP/1.1\r\n${host()}${close}\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })
})

describe('a head', () => {
  const withFields = (count: number): string =>
    `GET / HTTP/1.1\r\n${host()}${close}${Array.from({ length: count - 2 }, (_, i) => `x-${i}: 1\r\n`).join('')}\r\n`

  it('may have many header fields, but not too many', async () => {
    expect(await exchange(withFields(HEADER_FIELDS_MAX))).toMatch(/^HTTP\/1\.1 200 /)
    const answer = await exchange(withFields(HEADER_FIELDS_MAX + 1))
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('<Code>RequestHeaderSectionTooLarge</Code>')
  })

  it('may come with HTTP/1.0, as an absolute target, and in pieces', async () => {
    expect(await exchange(`GET / HTTP/1.0\r\n${host()}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
    const absolute = `GET http://127.0.0.1:${server().port}/ HTTP/1.1\r\n${host()}${close}\r\n`
    expect(await exchange(absolute)).toMatch(/^HTTP\/1\.1 200 /)
    const connection = await RawConnection.open(server().port)
    for (const byte of `GET / HTTP/1.1\r\n${host()}${close}\r\n`) connection.send(byte)
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('may expect what nobody knows', async () => {
    const answer = await exchange(`GET /no-such-bucket-here HTTP/1.1\r\n${host()}${close}Expect: tea\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).toContain('<Code>NoSuchBucket</Code>')
  })

  it('is answered with an S3 error where only the path is wrong', async () => {
    const answer = await exchange(`GET /b/%zz HTTP/1.1\r\n${host()}${close}\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('<Code>InvalidURI</Code>')
  })
})

describe('a connection', () => {
  it('answers pipelined requests in their order', async () => {
    const first = `GET / HTTP/1.1\r\n${host()}\r\n`
    const second = `GET /no-such-bucket-here HTTP/1.1\r\n${host()}${close}\r\n`
    const answer = await exchange(first + second)
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '404'])
  })

  it('is kept after an error', async () => {
    const connection = await RawConnection.open(server().port)
    connection.send(`GET /no-such-bucket-here HTTP/1.1\r\n${host()}\r\n`)
    await connection.until('</Error>')
    connection.send(`GET / HTTP/1.1\r\n${host()}${close}\r\n`)
    expect(await connection.end()).toContain('HTTP/1.1 200 OK')
  })

  it('may be closed in one direction once the request has been sent', async () => {
    const connection = await RawConnection.open(server().port)
    connection.send(`GET / HTTP/1.1\r\n${host()}\r\n`)
    connection.finish()
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it('ends when it is closed in one direction within a refused body', async () => {
    const connection = await RawConnection.open(server().port)
    connection.send(`PUT /no-such-bucket-here/k HTTP/1.1\r\n${host()}Content-Length: 10\r\n\r\nabc`)
    connection.finish()
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('answers the request before garbage, and nothing behind it', async () => {
    const answer = await exchange(`GET / HTTP/1.1\r\n${host()}\r\nGARBAGE\r\n\r\n`)
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200'])
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
  })
})
