// Sets up the outside clients once: Python environments from pinned requirements; rclone, a browser and ImageMagick
// from the system's packages. What cannot be had is said plainly and fails the suite: an interop run that tried nothing
// must not look green.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BROWSER, CONVERT, clientsDir, GO_ENVIRONMENT, goDir, VENVS, type Venv, venvDir } from './clients.ts'
import { installKafka } from './kafka.ts'
import { isRabbitmqInstalled } from './rabbitmq.ts'

export async function setup(): Promise<void> {
  mkdirSync(clientsDir, { recursive: true })
  for (const name of VENVS) python(name)
  packaged('rclone', 'rclone', ['version'])
  packaged('chromium', BROWSER, ['--version'])
  packaged('imagemagick', CONVERT, ['-version'])
  go()
  rabbitmq()
  await kafka()
}

function python(name: Venv): void {
  const requirements = join(import.meta.dirname, `requirements-${name}.txt`)
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const stamp = join(venvDir(name), 'cozos-requirements')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(venvDir(name), { recursive: true, force: true })
  run('python3', ['-m', 'venv', venvDir(name)], 'python3 with its venv module is missing (Debian: python3-venv)')
  run(
    join(venvDir(name), 'bin', 'pip'),
    ['install', '--quiet', '--disable-pip-version-check', '-r', requirements],
    `the Python clients of ${requirements} cannot be installed`,
  )
  writeFileSync(stamp, wanted)
}

/** Compiles the Go clients, which fetches their modules. Distributions have it in too many ages to install it here. */
function go(): void {
  const wanted = /^go (\S+)$/m.exec(readFileSync(join(goDir, 'go.mod'), 'utf8'))?.[1]
  run('go', ['version'], `Go is missing: install version ${wanted} or newer, so that \`go\` is in the PATH`)
  const complaint = `the Go clients of ${goDir} cannot be fetched or compiled`
  run('go', ['-C', goDir, 'test', '-run', '^$', './...'], complaint)
}

function rabbitmq(): void {
  if (isRabbitmqInstalled()) return
  install('rabbitmq-server', 'rabbitmq-server')
  // The package starts it as a service of the system; the suite has a node of its own.
  succeeds('service', ['rabbitmq-server', 'stop'])
}

async function kafka(): Promise<void> {
  packaged('default-jre-headless', 'java', ['-version'])
  packaged('maven', 'mvn', ['--version'])
  try {
    await installKafka()
  } catch (cause) {
    throw new Error('interop: Kafka cannot be fetched from Maven Central, or does not start', { cause })
  }
}

/** A program of a Debian package; other systems' packages have it under the same name. */
function packaged(name: string, program: string, args: readonly string[]): void {
  if (!succeeds(program, args)) install(name, program)
}

function install(name: string, program: string): void {
  if (process.getuid?.() !== 0) throw new Error(`interop: ${program} is missing; install it with your package manager`)
  succeeds('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', name], `${program} is missing and cannot be installed`)
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function run(command: string, args: readonly string[], complaint: string): void {
  try {
    execFileSync(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...GO_ENVIRONMENT },
    })
  } catch (cause) {
    throw new Error(`interop: ${complaint}`, { cause })
  }
}
