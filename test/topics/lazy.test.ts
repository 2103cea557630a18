import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** Prints which of the clients are loaded once these modules are. */
const SCRIPT = `
  import { createRequire } from 'node:module'
  for (const path of process.argv.slice(1)) await import(path)
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  const isLoaded = (name) => loaded.some((path) => path.includes('/node_modules/' + name + '/'))
  process.stdout.write(JSON.stringify(['kafkajs', 'amqplib'].filter(isLoaded)))
`

async function loadedBy(...paths: string[]): Promise<string[]> {
  const args = ['--input-type=module', '--eval', SCRIPT, ...paths]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  return JSON.parse(stdout)
}

it('the clients of brokers are loaded when they are needed', async () => {
  const modules = ['server.ts', 'topics/pool.ts', 'topics/kafka.ts', 'topics/rabbitmq.ts']
  expect(await loadedBy(...modules.map((path) => join(root, 'src', path)))).toEqual([])
  // What would be seen otherwise.
  expect(await loadedBy('kafkajs', 'amqplib')).toEqual(['kafkajs', 'amqplib'])
})
