import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCESS_KEY, client, SECRET_KEY, type ServerProcess, startProcess, venvDir } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess()
})
afterAll(() => server.stop())

async function s3cmd(...args: string[]): Promise<string> {
  const host = `127.0.0.1:${server.port}`
  return await client(server, [
    join(venvDir('current'), 'bin', 's3cmd'),
    `--access_key=${ACCESS_KEY}`,
    `--secret_key=${SECRET_KEY}`,
    `--host=${host}`,
    `--host-bucket=${host}`,
    '--no-ssl',
    ...args,
  ])
}

test.each([
  ['SigV4', []],
  ['SigV2', ['--signature-v2']],
])('s3cmd with %s: put, list, get, copy, delete', async (name, flags) => {
  const bucket = `s3://s3cmd-${name.toLowerCase()}`
  const file = join(server.workDir, `${name}.bin`)
  // 16 MiB: s3cmd's own multipart threshold is 15.
  const bytes = randomBytes(16 * 1024 * 1024)
  writeFileSync(file, bytes)
  await s3cmd(...flags, 'mb', bucket)
  await s3cmd(...flags, 'put', file, `${bucket}/dir/中 文.bin`)
  expect(await s3cmd(...flags, 'ls', '--recursive', bucket)).toContain('dir/中 文.bin')
  await s3cmd(...flags, 'cp', `${bucket}/dir/中 文.bin`, `${bucket}/copy`)
  await s3cmd(...flags, 'get', `${bucket}/copy`, `${file}.back`)
  expect(readFileSync(`${file}.back`).equals(bytes)).toBe(true)
  await expect(s3cmd(...flags, 'get', `${bucket}/none`, `${file}.none`)).rejects.toThrow(/404|NoSuchKey|not exist/)
  await s3cmd(...flags, 'del', '--recursive', '--force', bucket)
  await s3cmd(...flags, 'rb', bucket)
})
