import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NetworkGuard } from '../../src/topics/guard.ts'
import { openHttp } from '../../src/topics/http.ts'
import type { PushFailed, TopicTarget } from '../../src/topics/topic.ts'
import { type HttpSink, openHttpSink, type SinkOptions } from '../support/http-sink.ts'
import { endpointOf, failureOf, topicEvent } from '../support/targets.ts'

const never = new AbortController().signal
const certificates = join(import.meta.dirname, 'certificates')
const CA = join(certificates, 'ca.crt')
const TLS = {
  key: readFileSync(join(certificates, 'localhost.key')),
  cert: readFileSync(join(certificates, 'localhost.crt')),
}

const opened: { close(): unknown }[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function sinkOf(options?: SinkOptions): Promise<HttpSink> {
  const sink = await openHttpSink(options)
  opened.push(sink)
  return sink
}

function targetOf(url: string, attributes: Record<string, string> = {}, guard = new NetworkGuard()): TopicTarget {
  const target = openHttp({ guard })(endpointOf('http', { 'push-endpoint': url, ...attributes }))
  opened.push(target)
  return target
}

const push = (url: string, attributes: Record<string, string> = {}) =>
  targetOf(url, attributes).push(topicEvent(), never)

describe('the request', () => {
  it("is RGW's, as recorded from 16.2", async () => {
    const sink = await sinkOf()
    const event = topicEvent({ key: '中' })
    await targetOf(`http://127.0.0.1:${sink.port}`).push(event, never)
    const [{ method, target, rawHeaders, body }] = sink.requests as [HttpSink['requests'][0]]
    expect([method, target, body]).toEqual(['POST', '/', event.document])
    const names = rawHeaders.filter((_, index) => index % 2 === 0).toSorted()
    expect(names).toEqual(['Accept', 'Connection', 'Content-Length', 'Content-Type', 'Host'])
    expect(sink.requests[0]!.headers).toMatchObject({ accept: '*/*', 'content-type': 'application/json' })
  })

  it('has the path and the query of the endpoint, and its credentials', async () => {
    const sink = await sinkOf()
    await push(`http://us%3Aer:p%40ss@127.0.0.1:${sink.port}/a%20b/c?d=e`)
    const { target, headers } = sink.requests[0]!
    expect(target).toBe('/a%20b/c?d=e')
    expect(headers.authorization).toBe(`Basic ${Buffer.from('us:er:p@ss').toString('base64')}`)
  })

  it('has CloudEvents headers where they are asked for', async () => {
    const sink = await sinkOf()
    const url = `http://127.0.0.1:${sink.port}`
    await targetOf(url, { cloudevents: 'true' }).push(topicEvent({ key: 'a b%"中\r\nX-Evil: 1', mark: 7 }), never)
    await push(url)
    const [asked, plain] = sink.requests.map(({ headers }) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('ce-') || name === 'x-evil')),
    )
    expect(asked).toEqual({
      'ce-specversion': '1.0',
      'ce-type': 'com.amazonaws.ObjectCreated:Put',
      'ce-time': '2031-01-02T03:04:05.000006Z',
      'ce-id': 'id-7',
      'ce-source': 'ceph:s3.default.bucket',
      'ce-subject': 'a%20b%25%22%E4%B8%AD%0D%0AX-Evil:%201',
    })
    expect(plain).toEqual({})
  })
})

describe('the answer', () => {
  it.each([
    [200, undefined],
    [204, undefined],
    [299, undefined],
    [301, 'refused'],
    [307, 'refused'],
    [400, 'refused'],
    [404, 'refused'],
    [500, 'refused'],
    [503, 'refused'],
    [413, 'too-large'],
  ])('%d: %s', async (status, reason) => {
    const elsewhere = await sinkOf()
    const location = `http://127.0.0.1:${elsewhere.port}/`
    const sink = await sinkOf({ answer: (_, response) => response.writeHead(status, { location }).end() })
    const outcome = await push(`http://127.0.0.1:${sink.port}/hook?token=secret`).catch((cause: PushFailed) => cause)
    expect([outcome?.reason, outcome?.retryable]).toEqual([reason, reason && reason !== 'too-large'])
    expect(outcome?.message ?? '').not.toContain('secret')
    // Redirections are not followed.
    expect(elsewhere.requests).toEqual([])
  })

  it('is not read without end', async () => {
    let isCut = false
    const sink = await sinkOf({
      answer: (_, response) => {
        const write = () => response.write(Buffer.alloc(64 * 1024))
        response.on('drain', write)
        response.on('close', () => {
          isCut = true
        })
        write()
      },
    })
    await push(`http://127.0.0.1:${sink.port}`)
    await vi.waitUntil(() => isCut)
  })

  it('keeps no connection from other events when it does not end', async () => {
    const sink = await sinkOf({ answer: (_, response) => void response.writeHead(200).write('more to') })
    const target = targetOf(`http://127.0.0.1:${sink.port}`)
    // More than there are connections.
    await Promise.all(Array.from({ length: 20 }, () => target.push(topicEvent(), never)))
    expect(sink.requests).toHaveLength(20)
  })

  it('that changes the protocol is none', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n'
    const server = createServer((socket) => {
      socket.on('data', () => socket.write(upgrade))
      socket.on('error', () => undefined)
    })
    const port = await listening(server)
    expect(await failureOf(push(`http://127.0.0.1:${port}`))).toMatchObject({ reason: 'unreachable' })
  })
})

describe('connections', () => {
  it('are kept, and closed with the target', async () => {
    const sink = await sinkOf()
    const target = targetOf(`http://127.0.0.1:${sink.port}`)
    for (let pushes = 0; pushes < 5; pushes++) await target.push(topicEvent(), never)
    expect(sink.connections).toBe(1)
    await target.close()
    expect((await failureOf(target.push(topicEvent(), never))).reason).toBe('stopping')
  })

  it('are made anew when the other side has closed them just then', async () => {
    let answers = 0
    // Node itself looks at the close of a connection that idles; this one closes it when it is used again.
    const server = createServer((socket) => {
      let requests = 0
      socket.on('data', () => {
        requests += 1
        if (requests > 1) return socket.resetAndDestroy()
        answers += 1
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
      socket.on('error', () => undefined)
    })
    const port = await listening(server)
    const target = targetOf(`http://127.0.0.1:${port}`)
    for (let pushes = 0; pushes < 3; pushes++) await target.push(topicEvent(), never)
    expect(answers).toBe(3)
  })

  it('are bounded in number; the other events wait for them', async () => {
    let [open, most] = [0, 0]
    const sink = await sinkOf({
      answer: (_, response) => {
        open += 1
        most = Math.max(most, open)
        setImmediate(() => {
          open -= 1
          response.end()
        })
      },
    })
    const target = targetOf(`http://127.0.0.1:${sink.port}`)
    await Promise.all(Array.from({ length: 200 }, () => target.push(topicEvent(), never)))
    expect(sink.requests).toHaveLength(200)
    expect(sink.connections).toBeLessThanOrEqual(16)
    expect(most).toBeGreaterThan(1)
  })

  it('that fail say so', async () => {
    const server = createServer((socket) => void socket.destroy())
    const port = await listening(server)
    const cut = await failureOf(push(`http://user:hunter2@127.0.0.1:${port}`))
    expect(cut).toMatchObject({ reason: 'unreachable', retryable: true })
    await new Promise((resolve) => server.close(resolve))
    const refused = await failureOf(push(`http://user:hunter2@127.0.0.1:${port}`))
    expect(refused).toMatchObject({ reason: 'unreachable', retryable: true })
    expect(refused.message).toContain('ECONNREFUSED')
    expect([cut.message, refused.message].join()).not.toContain('hunter2')
    const unknown = await failureOf(push('http://name.invalid/'))
    expect(unknown.reason).toBe('unreachable')
  })
})

describe('an endpoint that hangs', () => {
  it('is left when the signal aborts, or the target closes, queued events too', async () => {
    const sink = await sinkOf({ answer: () => undefined })
    const target = targetOf(`http://127.0.0.1:${sink.port}`)
    const calling = new AbortController()
    const off = target.push(topicEvent(), calling.signal).catch((cause: unknown) => cause)
    const others = Array.from({ length: 40 }, () => failureOf(target.push(topicEvent(), never)))
    await sink.received(16)
    calling.abort()
    expect(await off).toBeInstanceOf(Error)
    await target.close()
    const reasons = new Set((await Promise.all(others)).map(({ reason }) => reason))
    expect([...reasons]).toEqual(['stopping'])
  })
})

describe('TLS', () => {
  it('is believed with the authority, or when nothing is checked', async () => {
    const sink = await sinkOf({ tls: TLS })
    const url = `https://localhost:${sink.port}`
    await push(url, { 'ca-location': CA })
    await push(`https://127.0.0.1:${sink.port}`, { 'ca-location': CA })
    await push(url, { 'verify-ssl': 'false' })
    expect(sink.requests).toHaveLength(3)
    const failure = await failureOf(push(url))
    expect(failure.reason).toBe('unreachable')
    expect(failure.message).toContain('certificate')
    expect(sink.requests).toHaveLength(3)
  })

  it('asks for the name in the certificate', async () => {
    const sink = await sinkOf({ tls: TLS })
    const guard = new NetworkGuard({ allow: [], deny: [] }, ((_name: string, _options: object, callback: Callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }])) as never)
    const other = targetOf(`https://other.test:${sink.port}`, { 'ca-location': CA }, guard)
    expect((await failureOf(other.push(topicEvent(), never))).reason).toBe('unreachable')
    await targetOf(`https://localhost:${sink.port}`, { 'ca-location': CA }, guard).push(topicEvent(), never)
  })

  it('needs the file of authorities, which may come later', async () => {
    const sink = await sinkOf({ tls: TLS })
    const dir = await mkdtemp(join(tmpdir(), 'cozos-http-'))
    opened.push({ close: () => rm(dir, { recursive: true }) })
    const { copyFile, writeFile } = await import('node:fs/promises')
    const file = join(dir, 'ca.pem')
    const target = targetOf(`https://localhost:${sink.port}`, { 'ca-location': file })
    for (const prepare of [async () => undefined, () => writeFile(file, 'no certificate')]) {
      await prepare()
      const failure = await failureOf(target.push(topicEvent(), never))
      expect(failure).toMatchObject({ reason: 'misconfigured', retryable: true })
    }
    for (const path of [dir, '/dev/zero']) {
      const failure = await failureOf(push(`https://localhost:${sink.port}`, { 'ca-location': path }))
      expect(failure.reason).toBe('misconfigured')
    }
    await copyFile(CA, file)
    await target.push(topicEvent(), never)
  })
})

type Callback = (error: null, addresses: { address: string; family: number }[]) => void

describe('addresses that are not connected to', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
  ])('%s', async (url) => {
    expect((await failureOf(push(url))).reason).toBe('forbidden')
  })

  it('are those that the configuration says', async () => {
    const sink = await sinkOf()
    const deny = new NetworkGuard({ allow: [], deny: ['127.0.0.0/8'] })
    const url = `http://127.0.0.1:${sink.port}`
    expect((await failureOf(targetOf(url, {}, deny).push(topicEvent(), never))).reason).toBe('forbidden')
    const named = targetOf(`http://localhost:${sink.port}`, {}, new NetworkGuard({ allow: ['10.0.0.0/8'], deny: [] }))
    expect((await failureOf(named.push(topicEvent(), never))).reason).toBe('forbidden')
    await targetOf(url, {}, new NetworkGuard({ allow: ['127.0.0.0/8'], deny: [] })).push(topicEvent(), never)
    expect(sink.requests).toHaveLength(1)
  })

  it('are seen when a name that meant another one comes to mean them', async () => {
    const sink = await sinkOf({ answer: (_, response) => response.writeHead(200, { connection: 'close' }).end() })
    let address = '127.0.0.1'
    const guard = new NetworkGuard({ allow: [], deny: [] }, ((_name: string, _options: object, callback: Callback) =>
      callback(null, [{ address, family: 4 }])) as never)
    const target = targetOf(`http://rebinding.test:${sink.port}`, {}, guard)
    await target.push(topicEvent(), never)
    address = '169.254.169.254'
    expect((await failureOf(target.push(topicEvent(), never))).reason).toBe('forbidden')
    address = '127.0.0.1'
    await target.push(topicEvent(), never)
    expect(sink.requests).toHaveLength(2)
  })
})

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
