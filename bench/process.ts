// Starts and stops the processes that a benchmark measures.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LoadPlan, LoadResult } from './load.ts'

const root = join(import.meta.dirname, '..')

export const KEY = { accessKey: 'bench-access', secretKey: 'bench-secret' }

export interface Running {
  readonly port: number
  /** From exec to the line that names the port. */
  readonly listeningAfterMs: number
  readonly child: ChildProcess
  stop(): Promise<void>
}

/** Runs a script until it prints the port that it listens on. */
export async function start(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const beganMs = performance.now()
  const child = spawn(process.execPath, [join(root, script)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
  })
  if (child.stderr === null) throw new Error('the child was started with a pipe')
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    child.stderr.resume()
    return { port: Number(port), listeningAfterMs: performance.now() - beganMs, child, stop: () => stopped(child) }
  }
  throw new Error(`${script} ended before it listened`)
}

/** A cozos of its own on this data directory, durable unless the environment says otherwise. */
export async function startCozos(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  script = 'src/start.js',
): Promise<Running> {
  return await start(script, {
    COZOS_PORT: '0',
    COZOS_ADMIN_PORT: '0',
    COZOS_DATA_DIR: dataDir,
    COZOS_ROOT_ACCESS_KEY: KEY.accessKey,
    COZOS_ROOT_SECRET_KEY: KEY.secretKey,
    COZOS_LOG_LEVEL: 'warn',
    ...environment,
  })
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

/** One run of the load generator. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn(process.execPath, [join(root, 'bench/load.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  child.stdin.end(JSON.stringify(plan))
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`the load generator ended with ${code}`)
  return JSON.parse(output) as LoadResult
}

/** Resident memory in MiB, and its peak. */
export function residentMiB(child: ChildProcess): { now: number; peak: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const kib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0)
  return { now: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 }
}
