import { describe, expect, it } from 'vitest'
import { LINGER_BYTES_MAX } from '../../src/http/linger.ts'
import { plainHead, RawConnection, type RawRequest, signedHead } from '../support/raw.ts'
import { uniqueName, useServer } from '../support/server.ts'

const IDLE_MS = 300
const server = useServer({ config: { server: { idleTimeoutMs: IDLE_MS } } })

async function bucket(): Promise<string> {
  const name = uniqueName('wire')
  expect((await server().request('PUT', `/${name}`)).status).toBe(200)
  return name
}

const status = async (path: string): Promise<number> => (await server().request('GET', path)).status
const put = (path: string, headers: Record<string, string>): RawRequest => {
  return { method: 'PUT', path, headers, body: 'UNSIGNED-PAYLOAD' }
}

async function open(request: RawRequest): Promise<RawConnection> {
  const connection = await RawConnection.open(server().port)
  connection.send(signedHead(server(), request))
  return connection
}

describe('a body that is shorter than announced', () => {
  it('is IncompleteBody for a client that still listens, and nothing is stored', async () => {
    const path = `/${await bucket()}/short`
    const connection = await open(put(path, { 'content-length': '10' }))
    connection.send('abc')
    connection.finish()
    const answer = await connection.end()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('<Code>IncompleteBody</Code>')
    expect(await status(path)).toBe(404)

    const whole = await open(put(path, { 'content-length': '3' }))
    whole.send('abc')
    whole.finish()
    expect(await whole.end()).toMatch(/^HTTP\/1\.1 200 /)
    expect(await status(path)).toBe(200)
  })

  it('stores nothing for a client that is gone, and the log says so', async () => {
    const path = `/${await bucket()}/gone`
    const connection = await open(put(path, { 'content-length': '1000000' }))
    connection.send(Buffer.alloc(300_000))
    const before = server().logLines.length
    connection.reset()
    await expect.poll(() => server().logLines.slice(before).join('')).toContain('"aborted":true')
    expect(await status(path)).toBe(404)
    expect(server().logLines.slice(before).join('')).not.toContain('a request failed')
  })

  it('is RequestTimeout for a client that falls silent', async () => {
    const path = `/${await bucket()}/slow`
    const connection = await open(put(path, { 'content-length': '10' }))
    connection.send('abc')
    const answer = await connection.end()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('<Code>RequestTimeout</Code>')
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
    expect(await status(path)).toBe(404)
  })
})

describe('a body whose framing is broken', () => {
  it('is refused, and one that is sound is not', async () => {
    const name = await bucket()
    const request = { method: 'POST', path: `/${name}`, query: 'delete=', body: 'UNSIGNED-PAYLOAD' }
    const headers = { 'transfer-encoding': 'chunked' }
    const connection = await open({ ...request, headers })
    connection.send('zzzz\r\nabc\r\n0\r\n\r\n')
    expect(await connection.end()).not.toContain('HTTP/1.1 200')
    const xml = '<Delete><Object><Key>k</Key></Object></Delete>'
    const sound = await open({ ...request, headers: { ...headers, connection: 'close' } })
    sound.send(`${xml.length.toString(16)}\r\n${xml}\r\n0\r\n\r\n`)
    expect(await sound.end()).toContain('HTTP/1.1 200')
  })
})

describe('a head that never ends', () => {
  it('costs the connection', async () => {
    const connection = await RawConnection.open(server().port)
    connection.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${server().port}\r\nX-Slow: `)
    expect(await connection.end()).not.toContain('200 OK')
  })
})

describe('Expect: 100-continue', () => {
  const expecting = { 'content-length': '3', expect: '100-continue' }

  it('is answered without 100 where the signature, the bucket or the caller is wrong', async () => {
    const name = await bucket()
    const path = `/${name}/expect`
    const wrong = { ...server().root, secretKey: 'wrong' }
    const refusals: [string, RawRequest][] = [
      ['SignatureDoesNotMatch', { ...put(path, expecting), key: wrong }],
      ['NoSuchBucket', put('/no-such-bucket-here/k', expecting)],
      ['AccessDenied', { ...put(path, expecting), key: server().alt }],
    ]
    for (const [code, request] of refusals) {
      const connection = await open(request)
      const answer = await connection.end()
      expect(answer).toContain(`<Code>${code}</Code>`)
      expect(answer).not.toContain('100 Continue')
    }
    expect(await status(path)).toBe(404)
  })

  it('is answered with 100, and then with the answer', async () => {
    const path = `/${await bucket()}/expect`
    const connection = await open(put(path, { ...expecting, connection: 'close' }))
    expect(await connection.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    connection.send('abc')
    expect(await connection.end()).toMatch(/HTTP\/1\.1 200 OK/)
    expect(await status(path)).toBe(200)
  })
})

describe('a refused upload', () => {
  it('leaves the connection usable when its rest is short', async () => {
    const path = `/${await bucket()}/refused`
    const connection = await RawConnection.open(server().port)
    const host = `127.0.0.1:${server().port}`
    const sizeBytes = 8 * 1024 * 1024
    connection.send(plainHead(`PUT ${path} HTTP/1.1`, { host, 'content-length': String(sizeBytes) }))
    connection.send(Buffer.alloc(sizeBytes))
    const refused = await connection.until('</Error>')
    expect(refused).toMatch(/^HTTP\/1\.1 403 /)
    expect(refused).toMatch(/\r\nConnection: keep-alive\r\n/i)
    connection.send(plainHead('GET / HTTP/1.1', { host, connection: 'close' }))
    expect(await connection.end()).toContain('HTTP/1.1 200 OK')
  })

  it('leaves it usable too when it is refused in its middle', async () => {
    const path = `/${await bucket()}/refused`
    const sizeBytes = 2 * 1024 * 1024
    const headers = { 'content-length': String(sizeBytes), 'x-amz-decoded-content-length': String(sizeBytes - 1000) }
    const connection = await open({ method: 'PUT', path, headers, body: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' })
    const line = `10000;chunk-signature=${'0'.repeat(64)}\r\n`
    connection.send(line)
    connection.send(Buffer.alloc(sizeBytes - line.length))
    const refused = await connection.until('</Error>')
    expect(refused).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(refused).toMatch(/\r\nConnection: keep-alive\r\n/i)
    connection.send(signedHead(server(), { method: 'GET', path, headers: { connection: 'close' } }))
    expect(await connection.end()).toContain('<Code>NoSuchKey</Code>')
  })

  it('is answered all the same when its rest is long, and then the connection is closed', async () => {
    const path = `/${await bucket()}/refused`
    const connection = await RawConnection.open(server().port)
    const host = `127.0.0.1:${server().port}`
    const length = String(4 * LINGER_BYTES_MAX)
    connection.send(plainHead(`PUT ${path} HTTP/1.1`, { host, 'content-length': length }))
    connection.send(Buffer.alloc(1024 * 1024))
    const refused = await connection.until('</Error>')
    expect(refused).toMatch(/^HTTP\/1\.1 403 /)
    expect(refused).toMatch(/\r\nConnection: close\r\n/i)
    connection.close()
  })
})

describe('an answer that nobody fetches', () => {
  it('costs the connection', async () => {
    const path = `/${await bucket()}/large`
    const body = Buffer.alloc(32 * 1024 * 1024)
    expect((await server().request('PUT', path, { body })).status).toBe(200)
    const connection = await open({ method: 'GET', path })
    await connection.until('\r\n\r\n')
    connection.stopReading()
    const logged = (): string => server().logLines.join('')
    await expect.poll(logged, { timeout: 30_000 }).toMatch(/"operation":"GetObject".*"aborted":true/)
    connection.close()
    expect(await status(path)).toBe(200)
  })
})
