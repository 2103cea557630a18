import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pytest, type ServerProcess, startProcess } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess()
})
afterAll(() => server.stop())

test("rgwadmin administers users and buckets through Ceph's admin API", async () => {
  const report = await pytest(server, 'current', join(import.meta.dirname, 'python-admin'))
  expect(report).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})
