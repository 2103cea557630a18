// From exec to the first answered request, and the memory of a server that nobody asks anything.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { residentMiB, startCozos } from './process.ts'
import { send } from './requests.ts'
import { median, type Row } from './table.ts'

const RUNS = 7
const READY_MS = 400
const IDLE_MIB = 110

export async function startup(dataDir: string): Promise<Row[]> {
  // What the image and the package start is the bundle.
  execFileSync(process.execPath, ['build.ts'], { cwd: join(import.meta.dirname, '..'), stdio: 'ignore' })
  const { readyMs, idleMiB } = await started(join(dataDir, 'bundle'), 'dist/cozos.js')
  const sources = await started(join(dataDir, 'sources'), 'src/start.js')
  return [
    {
      name: 'Exec to the first answered request',
      reached: `${readyMs.toFixed(0)} ms`,
      aim: { text: `< ${READY_MS} ms`, met: readyMs < READY_MS },
    },
    {
      name: 'Idle RSS',
      reached: `${idleMiB.toFixed(0)} MiB`,
      aim: { text: `< ${IDLE_MIB} MB`, met: idleMiB * 1.048576 < IDLE_MIB },
    },
    {
      name: 'The same, from the sources',
      reached: `${sources.readyMs.toFixed(0)} ms, ${sources.idleMiB.toFixed(0)} MiB`,
    },
  ]
}

async function started(dataDir: string, script: string): Promise<{ readyMs: number; idleMiB: number }> {
  const ready: number[] = []
  const idle: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const beganMs = performance.now()
    const cozos = await startCozos(`${dataDir}-${run}`, {}, script)
    await send({ port: cozos.port, method: 'GET', path: '/' })
    ready.push(performance.now() - beganMs)
    idle.push(residentMiB(cozos.child).now)
    await cozos.stop()
  }
  return { readyMs: median(ready), idleMiB: median(idle) }
}
