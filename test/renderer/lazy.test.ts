import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** Prints whether sharp, or its library, is in the process once these modules are loaded. */
const SCRIPT = `
  for (const path of process.argv.slice(1)) await import(path)
  const { sharedObjects } = process.report.getReport()
  const isLoaded = sharedObjects.some((path) => /libvips|sharp-/.test(path))
  process.stdout.write(String(isLoaded))
`

async function loadsSharp(...paths: string[]): Promise<boolean> {
  const args = ['--input-type=module', '--eval', SCRIPT, ...paths]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  return stdout === 'true'
}

it('what decodes pictures is never loaded by the server', async () => {
  const modules = ['server.ts', 'renderer/processes.ts', 'renderer/render-process.ts']
  expect(await loadsSharp(...modules.map((path) => join(root, 'src', path)))).toBe(false)
  // What would be seen otherwise.
  expect(await loadsSharp(join(root, 'src/renderer/sharp/engine.ts'))).toBe(true)
})
