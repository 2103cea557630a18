import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startServer } from '../../src/server.ts'
import { startTestServer, testConfig, useServer } from '../support/server.ts'

const server = useServer({
  config: {
    buckets: [
      { name: 'from-config', owner: 'alt' },
      { name: 'locked', objectLock: true },
    ],
  },
})

describe('starting', () => {
  it('refuses a data directory that another server uses, and leaves that one alone', async () => {
    await expect(startServer(testConfig(server().dataDir), { logStream: { write: () => undefined } })).rejects.toThrow(
      server().dataDir,
    )
    expect((await server().request('GET', '/')).status).toBe(200)
  })

  it('refuses a port that is taken, and closes what it had opened', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    try {
      await expect(startTestServer({ config: { server: { port } } })).rejects.toThrow('EADDRINUSE')
    } finally {
      taken.close()
    }
    const free = await startTestServer()
    await free.stop()
  })

  it('refuses a data directory that is a file', async () => {
    const file = join(server().dataDir, 'a-file')
    await writeFile(file, '')
    await expect(startServer(testConfig(file))).rejects.toThrow('is not a directory')
  })

  it('creates the buckets of the config when they are missing, and never touches them again', async () => {
    expect((await server().request('HEAD', '/from-config', { as: 'alt' })).status).toBe(200)
    expect((await server().request('GET', '/locked', { query: { versioning: undefined } })).text).toContain('Enabled')
    const suspend = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    const query = { versioning: undefined }
    expect((await server().request('PUT', '/from-config', { query, body: suspend, as: 'alt' })).status).toBe(200)
    expect((await server().request('PUT', '/from-config/k', { body: 'kept', as: 'alt' })).status).toBe(200)
    await server().restart()
    expect((await server().request('GET', '/from-config', { query, as: 'alt' })).text).toContain('Enabled')
    expect((await server().request('GET', '/from-config/k', { as: 'alt' })).text).toBe('kept')
  })
})
