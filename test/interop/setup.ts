// Sets up the outside clients once: Python environments from pinned requirements, and rclone from the system's
// packages. What cannot be had is said plainly and fails the suite: an interop run that tried nothing must not look
// green.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientsDir, VENVS, type Venv, venvDir } from './clients.ts'

export function setup(): void {
  mkdirSync(clientsDir, { recursive: true })
  for (const name of VENVS) python(name)
  rclone()
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

function rclone(): void {
  if (succeeds('rclone', ['version'])) return
  if (process.getuid?.() !== 0) throw new Error('interop: rclone is missing; install it with your package manager')
  succeeds('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', 'rclone'], 'rclone is missing and cannot be installed')
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
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch (cause) {
    throw new Error(`interop: ${complaint}`, { cause })
  }
}
