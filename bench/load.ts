// The load generator, a process of its own: raw sockets that send prepared requests and read answers, so that it costs
// the machine as little as it can. Takes a LoadPlan as JSON on its standard input, prints a LoadResult as JSON.

import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

export interface LoadPlan {
  readonly port: number
  /** Requests, base64. Connection `c` of `n` sends those with index c, c + n, … and starts again at the end. */
  readonly requests: readonly string[]
  readonly connections: number
  /** Answers before the measured ones. */
  readonly warmUp: number
  /** Answers that are measured, over all connections. */
  readonly measured: number
  /** The status that every answer must have. */
  readonly status: number
  /** Whether the generator sleeps while it waits: then others than the server have a processor's time, too. */
  readonly sleeps?: boolean
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** Reads one answer after another from a socket; only the status and the length are looked at. */
class Answers {
  readonly #socket: Socket
  readonly #method: string
  #buffered: Buffer = Buffer.alloc(0)
  #bodyLeft = 0
  #status = 0
  #done: ((status: number) => void) | undefined

  constructor(socket: Socket, method: string) {
    this.#socket = socket
    this.#method = method
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('error', (cause) => {
      throw cause
    })
  }

  async next(request: Buffer): Promise<number> {
    return await new Promise((resolve) => {
      this.#done = resolve
      this.#socket.write(request)
    })
  }

  #take(bytes: Buffer): void {
    if (this.#bodyLeft > 0) {
      this.#bodyLeft -= bytes.length
      if (this.#bodyLeft <= 0) this.#finish()
      return
    }
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes])
    const end = this.#buffered.indexOf(HEAD_END)
    if (end < 0) return
    const head = this.#buffered.toString('latin1', 0, end)
    this.#status = Number(head.slice(9, 12))
    if (/transfer-encoding: chunked/i.test(head)) {
      if (!this.#buffered.subarray(-7).equals(Buffer.from('\r\n0\r\n\r\n'))) return
      this.#finish()
      return
    }
    const length = this.#method === 'HEAD' ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    this.#bodyLeft = length - (this.#buffered.length - end - HEAD_END.length)
    if (this.#bodyLeft <= 0) this.#finish()
  }

  #finish(): void {
    this.#buffered = Buffer.alloc(0)
    this.#bodyLeft = 0
    const done = this.#done
    this.#done = undefined
    done?.(this.#status)
  }
}

/**
 * Keeps the event loop turning. A generator that sleeps has to be woken by each answer, and the server's write pays for
 * that: tens of microseconds on a virtual machine, but only where the server is slower than the generator.
 */
function stayAwake(isDone: () => boolean): void {
  if (!isDone()) setImmediate(() => stayAwake(isDone))
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const requests = plan.requests.map((request) => Buffer.from(request, 'base64'))
  const method = requests[0]?.toString('latin1', 0, 7).split(' ')[0] ?? 'GET'
  const latencies: number[] = []
  let sent = 0
  let startedMs = 0
  const total = plan.warmUp + plan.measured
  const worker = async (first: number): Promise<void> => {
    const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve) => socket.once('connect', resolve))
    const answers = new Answers(socket, method)
    for (let index = first % requests.length; sent < total; index = (index + plan.connections) % requests.length) {
      sent += 1
      if (sent === plan.warmUp + 1) startedMs = performance.now()
      const measured = sent > plan.warmUp
      const beganMs = performance.now()
      const status = await answers.next(requests[index] ?? Buffer.alloc(0))
      if (status !== plan.status) throw new Error(`answered ${status}, not ${plan.status}`)
      if (measured) latencies.push(performance.now() - beganMs)
    }
    socket.destroy()
  }
  let done = false
  if (plan.sleeps !== true) stayAwake(() => done)
  await Promise.all(Array.from({ length: plan.connections }, (_, first) => worker(first)))
  done = true
  const seconds = (performance.now() - startedMs) / 1000
  latencies.sort((a, b) => a - b)
  const at = (quantile: number): number => latencies[Math.floor(latencies.length * quantile)] ?? 0
  return { perSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

const plan = JSON.parse(await text(process.stdin)) as LoadPlan
process.stdout.write(JSON.stringify(await run(plan)))
