import { describe, expect, it } from 'vitest'
import { RawConnection, signedHead } from '../support/raw.ts'
import { startTestServer, type TestServer, uniqueName } from '../support/server.ts'

const SIZE_BYTES = 100_000

/** An upload that has sent half of its body. */
async function halfAnUpload(server: TestServer, path: string): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port)
  const headers = { 'content-length': String(SIZE_BYTES), expect: '100-continue' }
  connection.send(signedHead(server, { method: 'PUT', path, headers, body: 'UNSIGNED-PAYLOAD' }))
  await connection.until('100 Continue')
  connection.send(Buffer.alloc(SIZE_BYTES / 2))
  return connection
}

describe('stopping', () => {
  it('lets a running request finish, accepts no other, and keeps what was acknowledged', async () => {
    const server = await startTestServer()
    try {
      const bucket = `/${uniqueName('stop')}`
      await server.request('PUT', bucket)
      const connection = await halfAnUpload(server, `${bucket}/k`)
      const { port } = server
      const restarted = server.restart()
      await expect
        .poll(() =>
          RawConnection.open(port).then(
            () => 'open',
            () => 'refused',
          ),
        )
        .toBe('refused')
      connection.send(Buffer.alloc(SIZE_BYTES / 2))
      expect(await connection.end()).toContain('HTTP/1.1 200 OK')
      await restarted
      const answer = await server.request('GET', `${bucket}/k`)
      expect([answer.status, answer.body.length]).toEqual([200, SIZE_BYTES])
    } finally {
      await server.stop()
    }
  })

  it('does not wait for idle connections, nor for requests beyond the deadline', async () => {
    const server = await startTestServer({ config: { server: { stopTimeoutMs: 100 } } })
    try {
      const bucket = `/${uniqueName('stop')}`
      await server.request('PUT', bucket)
      const idle = await RawConnection.open(server.port)
      idle.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`)
      await idle.until('200 OK')
      const running = await halfAnUpload(server, `${bucket}/k`)
      await server.restart()
      await Promise.all([idle.end(), running.end()])
      expect(running.received).not.toContain('200 OK')
      expect((await server.request('GET', `${bucket}/k`)).status).toBe(404)
      expect((await server.request('GET', bucket)).status).toBe(200)
    } finally {
      await server.stop()
    }
  })

  it('twice is stopping once', async () => {
    const server = await startTestServer()
    await Promise.all([server.running.close(), server.running.close()])
    await server.stop()
  })
})
