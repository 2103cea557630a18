import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket } from '../support/buckets.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

describe.each<DialectName>(['zos', 'rgw', 'aws', 'ibm-cos'])(
  'a header that is not honoured, in dialect %s',
  (dialect) => {
    let server: TestServer
    beforeAll(async () => {
      server = await startTestServer({ config: { dialect } })
    })
    afterAll(() => server.stop())

    it('is refused by its name, and nothing is stored', async () => {
      const bucket = await createBucket(server)
      const headers = { 'x-amz-mfa': '1 2' }
      const refused = await server.request('PUT', `/${bucket}/k`, { body: 'x', headers })
      expect(refused.status).toBe(501)
      expect(refused.text).toMatch(/<Message>[^<]*x-amz-mfa[^<]*<\/Message>/)
      expect((await server.request('HEAD', `/${bucket}/k`)).status).toBe(404)
      expect((await server.request('PUT', `/${bucket}/k`, { body: 'x' })).status).toBe(200)
    })
  },
)
