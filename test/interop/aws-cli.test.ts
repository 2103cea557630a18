import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { client, type ServerProcess, startProcess, TLS, venvDir } from './clients.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startProcess(TLS)
})
afterAll(() => server.stop())

const MIB = 1024 * 1024

async function aws(...args: string[]): Promise<string> {
  return await client(server, [join(venvDir('current'), 'bin', 'aws'), '--endpoint-url', server.endpoint, ...args])
}

test('a directory is synced up, and down again byte for byte', async () => {
  const up = join(server.workDir, 'up')
  mkdirSync(join(up, 'sub', '中文'), { recursive: true })
  const files = ['a.txt', 'sub/b b.txt', 'sub/中文/c+d.bin']
  for (const file of files) writeFileSync(join(up, file), randomBytes(100_000))
  await aws('s3', 'mb', 's3://cli-sync')
  await aws('s3', 'sync', up, 's3://cli-sync/dir')
  expect(await aws('s3', 'sync', up, 's3://cli-sync/dir')).toBe('')
  const listed = await aws('s3', 'ls', '--recursive', 's3://cli-sync')
  for (const file of files) expect(listed).toContain(`dir/${file}`)
  const down = join(server.workDir, 'down')
  await aws('s3', 'sync', 's3://cli-sync/dir', down)
  for (const file of files) expect(readFileSync(join(down, file)).equals(readFileSync(join(up, file)))).toBe(true)
  await aws('s3', 'rb', '--force', 's3://cli-sync')
  expect(await aws('s3', 'ls')).not.toContain('cli-sync')
})

test('100 MiB go up in parts and come down', async () => {
  const file = join(server.workDir, 'big')
  const bytes = Buffer.concat(Array.from({ length: 100 }, () => randomBytes(MIB)))
  writeFileSync(file, bytes)
  await aws('s3', 'mb', 's3://cli-big')
  await aws('s3', 'cp', file, 's3://cli-big/big')
  await aws('s3', 'cp', 's3://cli-big/big', 's3://cli-big/copy')
  await aws('s3', 'cp', 's3://cli-big/copy', `${file}.back`)
  expect(readFileSync(`${file}.back`).equals(bytes)).toBe(true)
})

test('a stream of unknown length goes up from standard input and comes down to standard output', async () => {
  const cli = join(venvDir('current'), 'bin', 'aws')
  const pipe = (script: string) => client(server, ['sh', '-ec', script, cli, server.endpoint])
  await aws('s3', 'mb', 's3://cli-stream')
  // Three parts of aws-cli's 8 MiB, the last one short.
  await pipe('head -c 20000000 /dev/zero | "$0" --endpoint-url "$1" s3 cp - s3://cli-stream/zeros')
  expect(await aws('s3', 'ls', 's3://cli-stream/')).toMatch(/ 20000000 zeros\n/)
  expect((await pipe('"$0" --endpoint-url "$1" s3 cp s3://cli-stream/zeros - | wc -c')).trim()).toBe('20000000')
})

test('directories are moved and removed recursively', async () => {
  await aws('s3', 'mb', 's3://cli-move')
  const source = join(server.workDir, 'move')
  mkdirSync(source)
  for (const name of ['a', 'b c', 'd']) writeFileSync(join(source, name), name)
  await aws('s3', 'mv', '--recursive', source, 's3://cli-move/from')
  await aws('s3', 'mv', '--recursive', 's3://cli-move/from', 's3://cli-move/to')
  await aws('s3', 'mv', 's3://cli-move/to/d', 's3://cli-move/kept')
  expect((await aws('s3', 'ls', '--recursive', 's3://cli-move')).match(/\S+( c)?$/gm)).toEqual([
    'kept',
    'to/a',
    'to/b c',
  ])
  await aws('s3', 'rm', '--recursive', 's3://cli-move/to')
  expect((await aws('s3', 'ls', '--recursive', 's3://cli-move')).match(/\S+$/gm)).toEqual(['kept'])
})

test('buckets are made in the region of the server, and in no other', async () => {
  const mb = (bucket: string, region: string) =>
    client(server, [join(venvDir('current'), 'bin', 'aws'), '--endpoint-url', server.endpoint, 's3', 'mb', bucket], {
      AWS_DEFAULT_REGION: region,
    })
  await mb('s3://cli-here', 'default')
  await expect(mb('s3://cli-there', 'eu-west-3')).rejects.toThrow(/InvalidLocationConstraint/)
  expect(await aws('s3', 'ls')).toMatch(/cli-here\n(?!.*cli-there)/)
})

test('HTTPS with a certificate that nobody signed', async () => {
  const cli = join(venvDir('current'), 'bin', 'aws')
  const secure = (...args: string[]) =>
    client(server, [cli, '--endpoint-url', `https://127.0.0.1:${server.tlsPort}`, ...args], { AWS_MAX_ATTEMPTS: '1' })
  const file = join(server.workDir, 'tls')
  writeFileSync(file, randomBytes(10 * MIB))
  await aws('s3', 'mb', 's3://cli-tls')
  await secure('--no-verify-ssl', 's3', 'cp', file, 's3://cli-tls/k')
  await secure('--no-verify-ssl', 's3', 'cp', 's3://cli-tls/k', `${file}.back`)
  expect(readFileSync(`${file}.back`).equals(readFileSync(file))).toBe(true)
  await expect(secure('s3', 'ls')).rejects.toThrow(/SSL validation failed/)
})

test('presigned URL, versioning and a mistake with a clear answer', async () => {
  await aws('s3api', 'create-bucket', '--bucket', 'cli-api')
  await aws('s3api', 'put-bucket-versioning', '--bucket', 'cli-api', '--versioning-configuration', 'Status=Enabled')
  writeFileSync(join(server.workDir, 'one'), 'one')
  const object = ['--bucket', 'cli-api', '--key', 'k']
  await aws('s3api', 'put-object', ...object, '--body', join(server.workDir, 'one'))
  await aws('s3api', 'delete-object', ...object)
  const versions = JSON.parse(await aws('s3api', 'list-object-versions', '--bucket', 'cli-api'))
  expect(versions.DeleteMarkers).toHaveLength(1)
  const [{ VersionId: versionId }] = versions.Versions
  await aws('s3api', 'delete-object', ...object, '--version-id', versions.DeleteMarkers[0].VersionId)
  const url = (await aws('s3', 'presign', 's3://cli-api/k')).trim()
  const answer = await fetch(url)
  expect([answer.status, await answer.text()]).toEqual([200, 'one'])
  const wanted = ['--version-id', versionId, '--object-attributes', 'ETag', 'ObjectSize', 'Checksum']
  const described = JSON.parse(await aws('s3api', 'get-object-attributes', ...object, ...wanted))
  expect(described.ObjectSize).toBe(3)
  await expect(aws('s3', 'cp', 's3://cli-api/none', join(server.workDir, 'none'))).rejects.toThrow(/404|Not Found/)
  await expect(aws('s3', 'rb', 's3://cli-api')).rejects.toThrow(/BucketNotEmpty/)
})
