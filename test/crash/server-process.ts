import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../support/sources.ts'

/** Small, so that garbage of one round is collected by the next. */
const GARBAGE_DELAY_MS = 50
/** The smallest part that need not be the last one. */
export const PART_BYTES_MIN = 1024
const STDERR_KEPT = 4000

/** The real server in a process of its own, as `npm start` runs it. */
export interface ServerProcess {
  readonly port: number
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export async function startServerProcess(dir: string): Promise<ServerProcess> {
  const file = join(dir, 'cozos.json')
  const config = {
    server: { port: 0 },
    admin: { port: 0 },
    dataDir: join(dir, 'data'),
    durability: 'sync',
    logLevel: 'warn',
    limits: { partBytesMin: PART_BYTES_MIN, garbageDelayMs: GARBAGE_DELAY_MS },
  }
  await writeFile(file, JSON.stringify(config))
  const { HOME, PATH } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'src', 'start.js'), '--config', file], {
    cwd: dir,
    env: { HOME, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  return {
    port: await portOf(child),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      child.kill('SIGTERM')
      const [code] = await gone
      return code as number | null
    },
  }
}

/** The port in the lines that the server greets with. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (piece: Buffer) => {
      said = (said + piece.toString()).slice(-STDERR_KEPT)
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    }
    child.stderr?.on('data', listen)
    child.stdout?.on('data', listen)
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error(`the server ended (${code ?? signal}) with: ${said}`)))
  })
}
