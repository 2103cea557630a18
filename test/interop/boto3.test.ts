import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { botocoreExtras, client, type ServerProcess, startProcess, venvDir } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess()
})
afterAll(() => server.stop())

/** The pytest suite of test/interop/python, run by one botocore; both must pass all of it. */
async function pytest(venv: 'current' | 'old'): Promise<string> {
  return await client(
    server,
    [
      join(venvDir(venv), 'bin', 'python'),
      '-m',
      'pytest',
      '-q',
      '-p',
      'no:cacheprovider',
      join(import.meta.dirname, 'python'),
    ],
    { AWS_DATA_PATH: botocoreExtras, PYTHONDONTWRITEBYTECODE: '1' },
  )
}

test('the current boto3 passes', async () => {
  expect(await pytest('current')).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})

test('boto3 1.26 passes', async () => {
  expect(await pytest('old')).toMatch(/\b[1-9]\d* passed\b(?!.*\b(failed|error))/)
})
