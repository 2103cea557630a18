import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LINGER_BYTES_MAX } from '../../src/http/linger.ts'
import { BOUNDARY, type Fields, FORM_TYPE, formBody, signedV4 } from '../support/form.ts'
import { plainHead, RawConnection } from '../support/raw.ts'
import { uniqueName, useServer } from '../support/server.ts'

const IDLE_MS = 300
const server = useServer({ config: { server: { idleTimeoutMs: IDLE_MS } } })
/** More than what a stream's buffers hold, so that a chunk file has been begun. */
const LARGE_BYTES = 1024 * 1024

async function bucket(): Promise<string> {
  const name = uniqueName('form')
  expect((await server().request('PUT', `/${name}`)).status).toBe(200)
  return name
}

const fieldsFor = (name: string, more: Fields = []): Fields => signedV4(server(), name, [['key', 'k'], ...more])
const status = async (name: string): Promise<number> => (await server().request('GET', `/${name}/k`)).status

/** A connection on which a form of this length has been announced. */
async function open(name: string, length: number, headers: Record<string, string> = {}): Promise<RawConnection> {
  const connection = await RawConnection.open(server().port)
  const host = `127.0.0.1:${server().port}`
  const announced = { host, 'content-type': FORM_TYPE, 'content-length': String(length), ...headers }
  connection.send(plainHead(`POST /${name} HTTP/1.1`, announced))
  return connection
}

async function filesOfChunks(): Promise<number> {
  const entries = await readdir(join(server().dataDir, 'chunks'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}

/** Where a client may stop: in the fields, in the headers of the file, in the file, and behind it. */
const PLACES = [
  ['the fields', (body: Buffer) => body.indexOf('policy')],
  ['the headers of the file', (body: Buffer) => body.indexOf('filename')],
  ['the file', (body: Buffer) => body.length - LARGE_BYTES / 2],
  ['the last boundary', (body: Buffer) => body.length - 4],
] as const

describe.each(PLACES)('a form that stops in %s', (_place, stop) => {
  const begin = async (name: string) => {
    const body = formBody({ fields: fieldsFor(name), file: Buffer.alloc(LARGE_BYTES) })
    const connection = await open(name, body.length)
    connection.send(body.subarray(0, stop(body)))
    return connection
  }

  it('is IncompleteBody for a client that still listens', async () => {
    const name = await bucket()
    const before = await filesOfChunks()
    const connection = await begin(name)
    connection.finish()
    const answer = await connection.end()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('<Code>IncompleteBody</Code>')
    expect([await status(name), await filesOfChunks()]).toEqual([404, before])
  })

  it('leaves nothing of a client that is gone', async () => {
    const name = await bucket()
    const before = await filesOfChunks()
    const lines = server().logLines.length
    const connection = await begin(name)
    connection.reset()
    await expect.poll(() => server().logLines.slice(lines).join('')).toContain('"aborted":true')
    await expect.poll(filesOfChunks).toBe(before)
    expect(await status(name)).toBe(404)
    expect(server().logLines.slice(lines).join('')).not.toContain('a request failed')
  })

  it('is RequestTimeout for a client that falls silent', async () => {
    const name = await bucket()
    const before = await filesOfChunks()
    const connection = await begin(name)
    const answer = await connection.end()
    expect(answer).toContain('<Code>RequestTimeout</Code>')
    expect([await status(name), await filesOfChunks()]).toEqual([404, before])
  })
})

describe('a form that is refused', () => {
  const refusals: readonly (readonly [string, string, (name: string) => Buffer])[] = [
    ['its fields', 'AccessDenied', () => formBody({ fields: [['key', 'k']], file: Buffer.alloc(LARGE_BYTES) })],
    [
      'its file, by its end',
      'InvalidArgument',
      (name) => formBody({ fields: fieldsFor(name), file: Buffer.alloc(LARGE_BYTES), after: [['file', 'again']] }),
    ],
    ['its size', 'MaxPostPreDataLengthExceededError', () => formBody({ fields: [['key', 'k'.repeat(LARGE_BYTES)]] })],
    ['its form', 'InvalidArgument', () => Buffer.alloc(LARGE_BYTES, `--${BOUNDARY}\r\n\r\n`)],
  ]

  it.each(refusals)('for %s leaves the connection usable', async (_name, code, make) => {
    const name = await bucket()
    const before = await filesOfChunks()
    const body = make(name)
    const connection = await open(name, body.length)
    connection.send(body)
    expect(await connection.until('</Error>')).toContain(`<Code>${code}</Code>`)
    expect(connection.received).toMatch(/\r\nConnection: keep-alive\r\n/i)
    const sound = formBody({ fields: fieldsFor(name) })
    const host = `127.0.0.1:${server().port}`
    const headers = { host, 'content-type': FORM_TYPE, 'content-length': String(sound.length), connection: 'close' }
    connection.send(plainHead(`POST /${name} HTTP/1.1`, headers))
    connection.send(sound)
    expect((await connection.end()).split('</Error>')[1]).toMatch(/^HTTP\/1\.1 204 /)
    expect([await status(name), await filesOfChunks()]).toEqual([200, before])
  })

  it('costs the connection when much of it is still to come', async () => {
    const name = await bucket()
    const body = formBody({ fields: [['key', 'k']] })
    const connection = await open(name, body.length + 2 * LINGER_BYTES_MAX)
    connection.send(body)
    const answer = await connection.end()
    expect(answer).toContain('<Code>AccessDenied</Code>')
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
  })

  it('for what its head says is not asked for its body', async () => {
    const name = await bucket()
    const refused: Record<string, string>[] = [{ 'content-type': 'text/plain' }, { 'x-amz-acl': 'public-read' }]
    for (const headers of refused) {
      const connection = await open(name, 1000, { expect: '100-continue', ...headers })
      expect(await connection.end()).not.toContain('100 Continue')
    }
    const body = formBody({ fields: fieldsFor(name) })
    const connection = await open(name, body.length, { expect: '100-continue', connection: 'close' })
    expect(await connection.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    connection.send(body)
    expect(await connection.end()).toMatch(/HTTP\/1\.1 204 /)
  })
})

describe('the length of a form', () => {
  it('has to be announced, as S3 demands it', async () => {
    const name = await bucket()
    const body = formBody({ fields: fieldsFor(name) })
    const connection = await RawConnection.open(server().port)
    const host = `127.0.0.1:${server().port}`
    const headers = { host, 'content-type': FORM_TYPE, 'transfer-encoding': 'chunked', connection: 'close' }
    connection.send(plainHead(`POST /${name} HTTP/1.1`, headers))
    connection.send(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]))
    expect(await connection.end()).toContain('<Code>MissingContentLength</Code>')
    expect(await status(name)).toBe(404)
  })

  it('that cannot be stored is refused before the file comes', async () => {
    const name = await bucket()
    const limit = server().config.limits.putBytesMax
    const connection = await open(name, limit + 1024 * 1024)
    connection.send(formBody({ fields: fieldsFor(name) }).subarray(0, -20))
    expect(await connection.until('</Error>')).toContain('<Code>EntityTooLarge</Code>')
    connection.close()
  })
})
