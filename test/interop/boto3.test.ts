import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pytest, type ServerProcess, startProcess, TLS } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess({ ...TLS, COZOS_CONFIG: join(import.meta.dirname, 'users.yaml') })
})
afterAll(() => server.stop())

/** The suite that both must pass all of. */
const SUITE = join(import.meta.dirname, 'python')

test('the current boto3 passes', async () => {
  expect(await pytest(server, 'current', SUITE)).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})

test('boto3 1.26 passes', async () => {
  expect(await pytest(server, 'old', SUITE)).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})
