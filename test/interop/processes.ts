// Servers that are not ours, as children of the suite: brokers, each with a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** A broker that has not started by then never will. */
const START_MS = 90_000
/** What a broker has printed lately, for the message when it does not start. */
const LINES_KEPT = 40

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** A line of its output that says that it serves. */
  readonly ready: RegExp
}

/** A program that can be killed and started again on the same data. */
export class Restartable {
  readonly #program: Program
  #child: ChildProcess | undefined

  constructor(program: Program) {
    this.#program = program
  }

  /** Resolves when it says that it serves. */
  async start(): Promise<void> {
    const { command, args, env, cwd, ready } = this.#program
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.#child = child
    const { pid } = child
    // A worker that ends before its tests have cleaned up leaves no broker behind.
    const onExit = () => pid !== undefined && process.kill(-pid, 'SIGKILL')
    process.once('exit', onExit)
    child.once('exit', () => process.removeListener('exit', onExit))
    await untilLine(child, ready, command)
  }

  /** With all that it has started: at once, unless another signal is given. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // It is the leader of a process group of its own: shell scripts start what serves.
    process.kill(-child.pid, signal)
    await ended
  }

  /** Stops it in the middle of what it does, or lets it go on. */
  freeze(isFrozen: boolean): void {
    const pid = this.#child?.pid
    if (pid !== undefined) process.kill(-pid, isFrozen ? 'SIGSTOP' : 'SIGCONT')
  }
}

async function untilLine(child: ChildProcess, ready: RegExp, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new Error('the child was started with pipes')
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > LINES_KEPT) lines.shift()
      if (ready.test(line)) resolve()
    })
  }
  const fail = (what: string): void => reject(new Error(`interop: ${name} ${what}:\n${lines.join('\n')}`))
  const timer = setTimeout(() => fail('has not started'), START_MS)
  child.once('error', reject)
  child.once('exit', (code) => fail(`ended with ${code}`))
  try {
    await promise
  } finally {
    clearTimeout(timer)
  }
}

/** Below those that systems give to whoever asks for any: a broker comes back to its own after it was killed. */
const PORTS = { min: 12_000, max: 30_000 }

/** Loopback ports that nobody listens on at the moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(PORTS.min, PORTS.max)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A folder for one broker, and the function that removes it. */
export function brokerFolder(name: string): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), `cozos-${name}-`))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

export const certificates = join(import.meta.dirname, '..', 'topics', 'certificates')

/** What another program does is not told: it is looked for. */
const LOOK_MS = 20
const UNTIL_MS = 60_000

/** Resolves when it has become so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + UNTIL_MS
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`still not so: ${isSo}`)
    await delay(LOOK_MS)
  }
}
