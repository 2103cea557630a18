import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { type TestUser, uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

/** A bucket of this user's with an object in it. */
async function makeBucket(as: 'root' | 'alt' | TestUser, name = uniqueName('b')): Promise<string> {
  expect((await server().request('PUT', `/${name}`, { as })).status).toBe(200)
  expect((await server().request('PUT', `/${name}/k`, { as, body: 'data' })).status).toBe(200)
  return name
}

describe('AdminDeleteBucket', () => {
  it('removes an empty bucket; another one with purge-objects only', async () => {
    const name = await makeBucket('alt')
    const refused = await admin(`DELETE bucket?bucket=${name}`)
    expect([refused.status, refused.json.Code]).toEqual([409, 'BucketNotEmpty'])
    expect((await server().request('GET', `/${name}/k`)).text).toBe('data')
    const purged = await admin(`DELETE bucket?bucket=${name}&purge-objects=true`)
    expect([purged.status, purged.text]).toEqual([200, ''])
    expect((await server().request('HEAD', `/${name}`)).status).toBe(404)
    const empty = uniqueName('b')
    await server().request('PUT', `/${empty}`, { as: 'alt' })
    expect((await admin(`DELETE bucket?bucket=${empty}&purge-objects=False`)).status).toBe(200)
    expect((await admin(`DELETE bucket?bucket=${empty}`)).json.Code).toBe('NoSuchBucket')
    expect((await admin('DELETE bucket')).json.Code).toBe('InvalidArgument')
  })

  it('purges versions and delete markers, more than one step takes', async () => {
    const name = uniqueName('b')
    await server().request('PUT', `/${name}`, { as: 'alt' })
    const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await server().request('PUT', `/${name}`, { query: { versioning: undefined }, body: versioning })
    for (let i = 0; i < 130; i += 1) await server().request('PUT', `/${name}/k${i % 7}`, { body: `data ${i}` })
    await server().request('DELETE', `/${name}/k1`)
    expect((await admin(`DELETE bucket?bucket=${name}&purge-objects=True`)).status).toBe(200)
    expect((await server().request('HEAD', `/${name}`)).status).toBe(404)
  })

  it('needs buckets=write', async () => {
    const request = `DELETE bucket?bucket=${await makeBucket('alt')}&purge-objects=1`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
