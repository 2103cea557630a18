import { monitorEventLoopDelay } from 'node:perf_hooks'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { AdminState, createAdminApp } from '../../src/http/admin.ts'
import { Exchanges } from '../../src/http/exchanges.ts'
import { RequestMetrics } from '../../src/http/metrics.ts'
import { startTestServer, uniqueName, useServer } from '../support/server.ts'

const server = useServer()

const admin = () => supertest(server().adminUrl)

async function metrics(): Promise<string> {
  const response = await admin().get('/metrics').expect('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  return response.text
}

/** The value of one series, 0 where there is none yet. */
async function value(series: string): Promise<number> {
  const line = (await metrics()).split('\n').find((text) => text.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? 0)
}

describe('the admin port', () => {
  it('says that the server is alive and ready', async () => {
    await admin().get('/healthz').expect(200, { status: 'alive' })
    await admin().get('/readyz').expect(200, { status: 'ready' })
  })

  it('tells an S3 client that it is the wrong port', async () => {
    for (const [method, path, body] of [
      ['GET', '/', undefined],
      ['PUT', '/bucket', '<CreateBucketConfiguration/>'],
      ['POST', '/bucket?delete', 'x'],
    ] as const) {
      const headers = { 'content-type': 'application/xml' }
      const answer = await fetch(`${server().adminUrl}${path}`, { method, body, headers })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/xml'])
      expect(await answer.text()).toMatch(
        /^<\?xml [^\n]+<Message>This is the admin port, with \/healthz[^\n]+<\/Error>$/,
      )
    }
  })

  it('is alive but not ready while the server starts and stops', async () => {
    const loopDelay = monitorEventLoopDelay()
    const state = new AdminState()
    const listener = { tls: undefined, idleTimeoutMs: 60_000, exchanges: new Exchanges() }
    const app = createAdminApp({ state, requests: new RequestMetrics(), loopDelay, listener })
    try {
      const status = async (url: string): Promise<number> => (await app.inject({ url })).statusCode
      expect(await status('/healthz')).toBe(200)
      expect(await status('/readyz')).toBe(503)
      expect(await status('/metrics')).toBe(503)
      expect((await app.inject({ url: '/admin/user?uid=x' })).json()).toEqual({ status: 'starting' })
      state.metadata = server().running.services.metadata
      state.phase = 'ready'
      expect(await status('/readyz')).toBe(200)
      // A database that does not answer any more.
      const other = await startTestServer()
      state.metadata = other.running.services.metadata
      await other.stop()
      expect((await app.inject({ url: '/readyz' })).json()).toEqual({ status: 'the metadata cannot be read' })
      state.phase = 'stopping'
      expect(await status('/readyz')).toBe(503)
      expect(await status('/healthz')).toBe(200)
    } finally {
      await app.close()
    }
  })

  it('counts requests by operation and status, their bytes and their time', async () => {
    const path = `/${uniqueName('m')}`
    const put = 'cozos_requests_total{operation="PutObject",status="200"}'
    const missing = 'cozos_requests_total{operation="GetObject",status="404"}'
    const sent = 'cozos_sent_bytes_total{operation="GetObject"}'
    const received = 'cozos_received_bytes_total{operation="PutObject"}'
    const slowest = 'cozos_request_duration_seconds_bucket{operation="PutObject",le="+Inf"}'
    const series = [put, missing, sent, received, slowest]
    const before = await Promise.all(series.map(value))
    await server().request('PUT', path)
    await server().request('PUT', `${path}/k`, { body: Buffer.alloc(1000) })
    const lost = await server().request('GET', `${path}/lost`)
    await server().request('GET', `${path}/k`)
    const gained = async (): Promise<number[]> =>
      (await Promise.all(series.map(value))).map((now, i) => now - (before[i] ?? 0))
    // A request counts when its connection has taken the last byte, which may be after the client has seen it.
    await expect.poll(gained).toEqual([1, 1, 1000 + lost.body.length, 1000, 1])
    expect(await value('cozos_request_duration_seconds_count{operation="PutObject"}')).toBeGreaterThan(0)
  })

  it('counts what failed before there was an operation', async () => {
    const series = 'cozos_requests_total{operation="none",status="405"}'
    const before = await value(series)
    await server().request('PATCH', '/')
    await expect.poll(async () => (await value(series)) - before).toBe(1)
  })

  it.each([
    'cozos_database_bytes',
    'cozos_wal_bytes',
    'cozos_chunk_files',
    'cozos_chunk_file_bytes',
    'cozos_commits_total',
    'cozos_transactions_total',
    'cozos_commit_batch_size',
    'cozos_renders_running',
    'cozos_renders_waiting',
    'cozos_renderer_processes',
    'cozos_event_loop_delay_seconds{quantile="0.99"}',
    'process_resident_memory_bytes',
  ])('tells %s', async (series) => {
    expect(await metrics()).toContain(`\n${series} `)
    expect(await metrics()).toContain(`# TYPE ${series.split('{', 1)[0]} `)
  })

  it('counts commits as they happen', async () => {
    const before = await value('cozos_commits_total')
    await server().request('PUT', `/${uniqueName('m')}`)
    expect(await value('cozos_commits_total')).toBeGreaterThan(before)
  })

  it('serves nothing else', async () => {
    expect((await fetch(`${server().adminUrl}/`)).status).toBe(404)
    expect((await fetch(`${server().adminUrl}/healthz`, { method: 'POST' })).status).toBe(404)
  })
})
