import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCESS_KEY, client, SECRET_KEY, type ServerProcess, startProcess } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess()
})
afterAll(() => server.stop())

async function rclone(...args: string[]): Promise<string> {
  return await client(server, ['rclone', ...args], {
    RCLONE_CONFIG: join(server.workDir, 'rclone.conf'),
    RCLONE_CONFIG_COZOS_TYPE: 's3',
    RCLONE_CONFIG_COZOS_PROVIDER: 'Ceph',
    RCLONE_CONFIG_COZOS_ENDPOINT: server.endpoint,
    RCLONE_CONFIG_COZOS_ACCESS_KEY_ID: ACCESS_KEY,
    RCLONE_CONFIG_COZOS_SECRET_ACCESS_KEY: SECRET_KEY,
  })
}

test('rclone syncs a directory both ways and finds no difference', async () => {
  const source = join(server.workDir, 'source')
  mkdirSync(join(source, 'sub'), { recursive: true })
  for (const name of ['a', 'sub/b c', 'sub/é+%']) writeFileSync(join(source, name), randomBytes(50_000))
  writeFileSync(join(source, 'large'), randomBytes(20 * 1024 * 1024))
  await rclone('mkdir', 'cozos:rclone-sync')
  await rclone('sync', '--s3-upload-cutoff', '6M', '--s3-chunk-size', '5M', source, 'cozos:rclone-sync/dir')
  await rclone('check', source, 'cozos:rclone-sync/dir')
  const target = join(server.workDir, 'target')
  await rclone('sync', 'cozos:rclone-sync/dir', target)
  await rclone('check', '--download', target, 'cozos:rclone-sync/dir')
  expect((await rclone('lsf', '-R', 'cozos:rclone-sync')).split('\n')).toContain('dir/sub/é+%')
  writeFileSync(join(source, 'a'), 'changed')
  await expect(rclone('check', source, 'cozos:rclone-sync/dir')).rejects.toThrow(/differ/)
  await rclone('purge', 'cozos:rclone-sync')
})
