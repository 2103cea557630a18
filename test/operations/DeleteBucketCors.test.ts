import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestServer, type UserName, uniqueName, useServer } from '../support/server.ts'

const server = useServer()
const query = { cors: undefined }
const body =
  '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>'

async function remove(to: TestServer, name: string, as: UserName = 'root'): Promise<string> {
  return verdict(await to.request('DELETE', `/${name}`, { query, as }))
}

describe('DeleteBucketCors', () => {
  it('removes the rules, and says the same where there are none', async () => {
    const name = await createBucket(server())
    await server().request('PUT', `/${name}`, { query, body })
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('200')
    expect(await remove(server(), name)).toBe('204')
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('404 NoSuchCORSConfiguration')
    expect(await remove(server(), name)).toBe('204')
    // The bucket itself is still there.
    expect((await server().request('HEAD', `/${name}`)).status).toBe(200)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    await server().request('PUT', `/${name}`, { query, body })
    expect(await remove(server(), name, 'alt')).toBe('403 AccessDenied')
    expect(await remove(server(), name, 'anonymous')).toBe('403 AccessDenied')
    expect(await remove(server(), uniqueName('none'))).toBe('404 NoSuchBucket')
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('200')
    expect(await remove(server(), name)).toBe('204')
  })
})
