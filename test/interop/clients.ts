// A real server in a process of its own, and real clients run against it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')

export const clientsDir = join(import.meta.dirname, '.cache')
export const botocoreExtras = join(root, 'clients', 'botocore')

export function venvDir(name: 'current' | 'old'): string {
  return join(clientsDir, `venv-${name}`)
}

export const ACCESS_KEY = 'interop-access'
export const SECRET_KEY = 'interop-secret-key'

/** More than any of the clients prints here. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export interface ServerProcess {
  readonly endpoint: string
  readonly port: number
  /** A folder for the client's own files, gone with the server. */
  readonly workDir: string
  stop(): Promise<void>
}

/** Starts `node src/main.ts` on a free loopback port; resolves when it says that it listens. */
export async function startProcess(environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const workDir = mkdtempSync(join(tmpdir(), 'cozos-interop-'))
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts')], {
    cwd: workDir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      COZOS_PORT: '0',
      COZOS_ADMIN_PORT: '0',
      COZOS_DATA_DIR: join(workDir, 'data'),
      COZOS_ROOT_ACCESS_KEY: ACCESS_KEY,
      COZOS_ROOT_SECRET_KEY: SECRET_KEY,
      ...environment,
    },
  })
  const port = await listeningPort(child)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    workDir,
    async stop() {
      await ended(child)
      rmSync(workDir, { recursive: true, force: true })
    },
  }
}

async function listeningPort(child: ChildProcess): Promise<number> {
  if (child.stderr === null) throw new Error('the child was started with a pipe')
  const lines = createInterface({ input: child.stderr })
  for await (const line of lines) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    // Whatever it prints from now on is read and dropped, so that its pipe never fills.
    child.stderr.resume()
    return Number(port)
  }
  throw new Error('the server ended before it listened')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

const execute = promisify(execFile)

/** Runs a client to its end and returns what it printed; a failing one rejects with its output. */
export async function client(
  server: ServerProcess,
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program, ...args] = command
  try {
    const { stdout } = await execute(program, args, {
      cwd: server.workDir,
      maxBuffer: OUTPUT_BYTES_MAX,
      env: {
        PATH: process.env['PATH'],
        HOME: server.workDir,
        AWS_ACCESS_KEY_ID: ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY: SECRET_KEY,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        COZOS_ENDPOINT: server.endpoint,
        ...environment,
      },
    })
    return stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new Error(`${command.join(' ')} failed\n${stdout}\n${stderr}`, { cause })
  }
}
