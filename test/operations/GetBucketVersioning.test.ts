import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?><VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
const TAIL = '</VersioningConfiguration>'

async function get(server: TestServer, name: string, request: TestRequest = {}) {
  return server.request('GET', `/${name}`, { query: { versioning: undefined }, ...request })
}

describe('GetBucketVersioning', () => {
  const server = useServer()

  it('prints what was set, and nothing before', async () => {
    const Bucket = await createBucket(server())
    expect((await get(server(), Bucket)).text).toBe(HEAD + TAIL)
    for (const status of ['Enabled', 'Suspended'] as const) {
      await setVersioning(server(), Bucket, status)
      const { text } = await get(server(), Bucket)
      expect(text).toBe(`${HEAD}<Status>${status}</Status><MfaDelete>Disabled</MfaDelete>${TAIL}`)
    }
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await get(server(), Bucket))).toBe('200')
    expect(verdict(await get(server(), Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

describe('GetBucketVersioning in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('does not print MfaDelete', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    expect((await get(server(), Bucket)).text).toBe(`${HEAD}<Status>Enabled</Status>${TAIL}`)
  })
})
