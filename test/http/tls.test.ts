import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTlsFiles } from '../../src/http/tls.ts'
import { createBucket } from '../support/buckets.ts'
import { statementOn, usePolicy } from '../support/policies.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let dir = ''
let server: TestServer

/** A copy of its own of the self-signed pair whose subject is `name`. */
async function copyCertificate(name: 'first' | 'second'): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
  for (const file of [cert, key]) await copyFile(join(import.meta.dirname, 'certificates', basename(file)), file)
  return { cert, key }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-tls-'))
  const tls = { ...(await copyCertificate('first')), port: 0 }
  server = await startTestServer({ config: { server: { tls } } })
})
afterAll(async () => {
  await server.stop()
  await rm(dir, { recursive: true, force: true })
})

const port = (): number => server.running.s3Tls?.port ?? 0

function subject(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: port(), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function status(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: port(), path, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

describe('HTTPS', () => {
  it('is served beside HTTP', async () => {
    expect(await status('/')).toBe(200)
    expect(await status('/no-such-bucket-here')).toBe(404)
    expect((await server.request('GET', '/')).status).toBe(200)
  })

  it('is what policies mean by aws:SecureTransport and s3:TlsVersion', async () => {
    const bucket = await createBucket(server)
    await server.request('PUT', `/${bucket}/k`, { body: 'x' })
    const demanding = (version: number) => ({
      Condition: { Bool: { 'aws:SecureTransport': true }, NumericGreaterThanEquals: { 's3:TlsVersion': version } },
    })
    await usePolicy(server, bucket, statementOn(bucket, demanding(1.2)))
    expect(await status(`/${bucket}/k`)).toBe(200)
    expect((await server.request('GET', `/${bucket}/k`, { as: 'anonymous' })).status).toBe(403)
    await usePolicy(server, bucket, statementOn(bucket, demanding(1.4)))
    expect(await status(`/${bucket}/k`)).toBe(403)
  })

  it('takes up a new certificate without a restart, and keeps the old one while the new one is no good', async () => {
    const { tls } = server.config.server
    await writeFile(tls?.cert ?? '', 'not a certificate')
    const warned = (): boolean => server.logLines.some((line) => line.includes('cannot be used'))
    await expect.poll(warned, { timeout: 30_000 }).toBe(true)
    expect(await subject()).toBe('first')
    const second = await copyCertificate('second')
    await rename(second.key, tls?.key ?? '')
    await rename(second.cert, tls?.cert ?? '')
    await expect.poll(subject, { timeout: 30_000 }).toBe('second')
    expect(await status('/')).toBe(200)
  })

  it('is refused with the name of the file that is no good', async () => {
    const [a, b] = [await copyCertificate('first'), await copyCertificate('second')]
    const missing = join(dir, 'missing.crt')
    expect(() => readTlsFiles({ ...a, cert: missing })).toThrow(
      `server.tls.cert: ENOENT: no such file or directory, open '${missing}'`,
    )
    expect(() => readTlsFiles({ ...a, key: b.key })).toThrow(
      `server.tls: ${a.cert} and ${b.key} are no PEM certificate with its key`,
    )
    expect(() => readTlsFiles({ ...a, cert: a.key })).toThrow(`server.tls: ${a.key} and ${a.key} are no PEM`)
    expect(readTlsFiles(a).cert.toString()).toContain('BEGIN CERTIFICATE')
  })
})
