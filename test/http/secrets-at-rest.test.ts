import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminOf, makeUser, OPS } from '../support/admin.ts'
import { startTestServer, type TestServer, uniqueName } from '../support/server.ts'

const CONFIGURED = 'configured-secret-that-no-file-may-hold'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    config: { logLevel: 'trace' },
    users: [OPS.plain, { id: 'configured', keys: [{ accessKey: 'CONFIGURED', secretKey: CONFIGURED }] }],
  })
})
afterAll(() => server.stop())

/** The files of the data directory, by their names, but for the key ring's. */
async function files(): Promise<Map<string, Buffer>> {
  const entries = await readdir(server.dataDir, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const own = paths.filter((path) => !path.endsWith('keyring.json'))
  return new Map(await Promise.all(own.map(async (path) => [path, await readFile(path)] as const)))
}

describe('the secrets of users', () => {
  it('stand nowhere in the data directory and nowhere in the log', async () => {
    const admin = adminOf(() => server)
    const user = await makeUser(admin, uniqueName('u'))
    const accessKey = uniqueName('KEY')
    const secrets = [
      CONFIGURED,
      user.secretKey,
      'named-secret-that-no-file-may-hold',
      'changed-secret-that-no-file-may-hold',
    ]
    for (const secretKey of secrets.slice(2)) {
      await admin(`PUT user?key&uid=${user.id}&access-key=${accessKey}&secret-key=${secretKey}`)
    }
    for (const secretKey of secrets.slice(1, 3)) {
      // One is right, one is not.
      await server.request('GET', '/', { as: { ...user, secretKey } })
    }
    const found = async (): Promise<string[]> => {
      const stored = [...(await files())]
      expect(stored.map(([path]) => path)).toContainEqual(expect.stringMatching(/metadata\.db$/))
      // What is looked for can be found: the access keys beside them are not secret.
      expect(stored.some(([, bytes]) => bytes.includes(accessKey) && bytes.includes('CONFIGURED'))).toBe(true)
      return stored.flatMap(([path, bytes]) => secrets.filter((secret) => bytes.includes(secret)).map(() => path))
    }
    expect(await found()).toEqual([])
    // Closing moves the write-ahead log into the database.
    await server.restart()
    expect(await found()).toEqual([])
    const log = server.logLines.join('')
    expect(log).toContain('"operation":"AdminCreateKey"')
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
    // They still work.
    for (const [key, secretKey] of [
      [accessKey, 'changed-secret-that-no-file-may-hold'],
      [user.accessKey, user.secretKey],
      ['CONFIGURED', CONFIGURED],
    ] as const) {
      expect((await server.request('GET', '/', { as: { id: 'x', accessKey: key, secretKey } })).status).toBe(200)
    }
  })
})
