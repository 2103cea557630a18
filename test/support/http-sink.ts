import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

export interface SunkRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export interface HttpSink {
  readonly port: number
  readonly requests: readonly SunkRequest[]
  /** Connections that have been made. */
  readonly connections: number
  /** What has arrived, once there are so many. */
  received(count: number): Promise<readonly string[]>
  close(): Promise<void>
}

export interface SinkOptions {
  readonly tls?: { key: Buffer; cert: Buffer }
  /** 200 without a body where it is left out. */
  readonly answer?: (request: SunkRequest, response: ServerResponse) => void
}

/** An HTTP server on loopback that keeps what it is sent. */
export async function openHttpSink({ tls, answer }: SinkOptions = {}): Promise<HttpSink> {
  const requests: SunkRequest[] = []
  let connections = 0
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls)
  server.on(tls === undefined ? 'connection' : 'secureConnection', () => {
    connections += 1
  })
  server.on('request', async (incoming, response) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part)
    const { method = '', url: target = '', headers, rawHeaders } = incoming
    const request = { method, target, headers, rawHeaders, body: Buffer.concat(parts) }
    requests.push(request)
    if (answer === undefined) response.end()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections
    },
    received: async (count) => {
      await vi.waitUntil(() => requests.length >= count, { timeout: 20_000 })
      return requests.map(({ body }) => String(body))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
