import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type UserName, uniqueName, useServer } from '../support/server.ts'

const server = useServer()
const query = { website: undefined }
const body = '<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>'

async function remove(name: string, as: UserName = 'root') {
  return server().request('DELETE', `/${name}`, { query, as })
}

describe('DeleteBucketWebsite', () => {
  it('removes the configuration, and says the same where there is none', async () => {
    const name = await createBucket(server())
    await server().request('PUT', `/${name}`, { query, body })
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('200')
    expect(await remove(name)).toMatchObject({ status: 204, text: '', headers: { 'content-type': 'application/xml' } })
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('404 NoSuchWebsiteConfiguration')
    expect(verdict(await remove(name))).toBe('204')
    expect((await server().request('HEAD', `/${name}`)).status).toBe(200)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    await server().request('PUT', `/${name}`, { query, body })
    expect(verdict(await remove(name, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await remove(name, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await remove(uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('200')
    expect(verdict(await remove(name))).toBe('204')
  })
})
