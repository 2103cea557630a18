import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestServer, TestUser } from './server.ts'
import { signV4 } from './sign.ts'

/** A connection on which a test says exactly which bytes are sent, and when. */
export class RawConnection {
  readonly #socket: Socket
  readonly #ended: Promise<void>
  #received = ''
  #onData: () => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#ended = new Promise((resolve) => {
      socket.on('close', () => {
        resolve()
        this.#onData()
      })
    })
    // A reset is an end like any other here; what counts is what was received before.
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1')
      this.#onData()
    })
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  get received(): string {
    return this.#received
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  /** Closes our half: the server may still answer. */
  finish(): void {
    this.#socket.end()
  }

  /** Gone without a word. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** Stops taking what the server sends. */
  stopReading(): void {
    this.#socket.pause()
  }

  startReading(): void {
    this.#socket.resume()
  }

  /** Resolves with everything so far once it contains `text`; rejects when the connection ends before. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.#socket.closed) throw new Error(`the connection ended before ${JSON.stringify(text)}: ${this.#received}`)
      await new Promise<void>((resolve) => {
        this.#onData = resolve
      })
    }
    return this.#received
  }

  /** Resolves with everything once the server has closed its half, or all of the connection. */
  async end(): Promise<string> {
    if (!this.#socket.readableEnded && !this.#socket.closed) {
      await Promise.race([once(this.#socket, 'end').catch(() => undefined), this.#ended])
    }
    this.#socket.destroy()
    return this.#received
  }

  close(): void {
    this.#socket.destroy()
  }
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  /** As it is signed; a string is a literal hash such as UNSIGNED-PAYLOAD. */
  readonly body?: Buffer | string
  readonly key?: Pick<TestUser, 'accessKey' | 'secretKey'>
}

/**
 * The head of a signed request, up to and with the empty line. Headers are in the order: given ones, then the
 * signature's.
 */
export function signedHead(server: TestServer, request: RawRequest): string {
  const { method, path, query = '', headers = {}, body, key = server.root } = request
  const host = `127.0.0.1:${server.port}`
  const signed = signV4({ method, url: { host, path, query }, headers, body }, key)
  return plainHead(`${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1`, signed)
}

export function plainHead(line: string, headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line}\r\n${fields.join('')}\r\n`
}
