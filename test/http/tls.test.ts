import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/server.ts'

let dir = ''
let server: TestServer

/** A self-signed certificate for 127.0.0.1 whose subject is `name`. */
async function makeCertificate(name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await promisify(execFile)('openssl', [...request, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert])
  return { cert, key }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-tls-'))
  const tls = { ...(await makeCertificate('first')), port: 0 }
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

  it('takes up a new certificate without a restart, and keeps the old one while the new one is no good', async () => {
    const { tls } = server.config.server
    await writeFile(tls?.cert ?? '', 'not a certificate')
    const warned = (): boolean => server.logLines.some((line) => line.includes('cannot be used'))
    await expect.poll(warned, { timeout: 30_000 }).toBe(true)
    expect(await subject()).toBe('first')
    const second = await makeCertificate('second')
    await rename(second.key, tls?.key ?? '')
    await rename(second.cert, tls?.cert ?? '')
    await expect.poll(subject, { timeout: 30_000 }).toBe('second')
    expect(await status('/')).toBe(200)
  })
})
