import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pytest, type ServerProcess, startProcess, TLS } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess({ COZOS_DIALECT: 'ibm-cos', ...TLS })
})
afterAll(() => server.stop())

test("IBM's SDK passes with HMAC keys, over HTTP and HTTPS", async () => {
  const report = await pytest(server, 'ibm', join(import.meta.dirname, 'python-ibm'))
  expect(report).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})
