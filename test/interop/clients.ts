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

/** The Python environments, each with a `requirements-<name>.txt` of its own. */
export const VENVS = ['current', 'old', 'ibm'] as const
export type Venv = (typeof VENVS)[number]

/** The Go clients, and where what they are built of is kept. */
export const goDir = join(import.meta.dirname, 'go')
export const GO_ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  GOPATH: join(clientsDir, 'go'),
  GOCACHE: join(clientsDir, 'go-build'),
  GOPROXY: process.env['GOPROXY'],
  GOFLAGS: '-mod=readonly -modcacherw',
  // Nothing is compiled but Go, and with the Go that is there.
  CGO_ENABLED: '0',
  GOTOOLCHAIN: 'local',
}

export function venvDir(name: Venv): string {
  return join(clientsDir, `venv-${name}`)
}

/** Debian's chromium. */
export const BROWSER = '/usr/bin/chromium'

/** Debian's ImageMagick: other programs are called `convert`, too. */
export const CONVERT = '/usr/bin/convert'
export const IDENTIFY = '/usr/bin/identify'

export const ACCESS_KEY = 'interop-access'
export const SECRET_KEY = 'interop-secret-key'

const certificate = join(root, 'test', 'http', 'certificates', 'first')
/** What makes a server listen on HTTPS, too, with a certificate that nobody has signed. */
export const TLS: Readonly<Record<string, string>> = {
  COZOS_TLS_CERT: `${certificate}.crt`,
  COZOS_TLS_KEY: `${certificate}.key`,
  COZOS_TLS_PORT: '0',
}

/** More than any of the clients prints here. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export interface ServerProcess {
  readonly endpoint: string
  readonly port: number
  /** Of the admin port, which has the admin API in every dialect. */
  readonly adminEndpoint: string
  /** Of the HTTPS listener, where `TLS` is in its environment. */
  readonly tlsPort: number | undefined
  /** A folder for the client's own files, gone with the server. */
  readonly workDir: string
  stop(): Promise<void>
}

/** Starts `node src/start.js`, or another program, on a free loopback port; resolves when it says that it listens. */
export async function startProcess(
  environment: Readonly<Record<string, string>> = {},
  program = 'src/start.js',
): Promise<ServerProcess> {
  const workDir = mkdtempSync(join(tmpdir(), 'cozos-interop-'))
  const child = spawn(process.execPath, [join(root, program)], {
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
  const { port, adminPort, tlsPort } = await listeningPorts(child)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    adminEndpoint: `http://127.0.0.1:${adminPort}`,
    tlsPort,
    workDir,
    async stop() {
      await ended(child)
      rmSync(workDir, { recursive: true, force: true })
    },
  }
}

interface Ports extends Pick<ServerProcess, 'port' | 'tlsPort'> {
  readonly adminPort: number
}

async function listeningPorts(child: ChildProcess): Promise<Ports> {
  if (child.stderr === null) throw new Error('the child was started with a pipe')
  let text = ''
  for await (const line of createInterface({ input: child.stderr })) {
    text += `${line}\n`
    // The last line of what it says about itself.
    if (!line.includes('aws --endpoint-url')) continue
    // Whatever it prints from now on is read and dropped, so that its pipe never fills.
    child.stderr.resume()
    const tlsPort = /at https:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]
    return {
      port: Number(/at http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]),
      adminPort: Number(/admin API: http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]),
      tlsPort: tlsPort === undefined ? undefined : Number(tlsPort),
    }
  }
  throw new Error(`the server ended before it listened: ${text}`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

const execute = promisify(execFile)

/**
 * Runs a client to its end and returns what it printed; a failing one rejects with its output. An undefined variable is
 * one that the client does not see.
 */
export async function client(
  server: ServerProcess,
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string | undefined>> = {},
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
        COZOS_ADMIN_ENDPOINT: server.adminEndpoint,
        ...environment,
      },
    })
    return stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new Error(`${command.join(' ')} failed\n${stdout}\n${stderr}`, { cause })
  }
}

/** Runs the pytest files of a folder in one of the environments and returns its report. */
export async function pytest(server: ServerProcess, venv: Venv, folder: string): Promise<string> {
  const python = join(venvDir(venv), 'bin', 'python')
  return await client(server, [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', folder], {
    AWS_DATA_PATH: botocoreExtras,
    PYTHONDONTWRITEBYTECODE: '1',
    // The tests' certificate is signed by nobody, and the clients say so on every request.
    PYTHONWARNINGS: 'ignore:Unverified HTTPS request',
    COZOS_TLS_ENDPOINT: `https://127.0.0.1:${server.tlsPort}`,
  })
}
