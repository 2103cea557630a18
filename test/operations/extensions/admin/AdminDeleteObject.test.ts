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

describe('AdminDeleteObject', () => {
  it('deletes an object, and says where there is none', async () => {
    const name = await makeBucket('alt')
    const { status, text } = await admin(`DELETE bucket?object=k&bucket=${name}`)
    expect([status, text]).toEqual([200, ''])
    expect((await server().request('GET', `/${name}/k`)).status).toBe(404)
    // rgwadmin puts the format in front.
    const again = await admin(`DELETE bucket?format=json&bucket=${name}&object=k`)
    expect([again.status, again.json.Code]).toEqual([404, 'NoSuchKey'])
    expect((await admin('DELETE bucket?object=k&bucket=nobodys-bucket')).json.Code).toBe('NoSuchBucket')
    expect((await admin(`DELETE bucket?object&bucket=${name}`)).json.Code).toBe('InvalidArgument')
    expect((await server().request('HEAD', `/${name}`)).status).toBe(200)
  })

  it('hides it behind a delete marker where the bucket is versioned', async () => {
    const name = await makeBucket('alt')
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await server().request('PUT', `/${name}`, { query: { versioning: undefined }, body })
    expect((await admin(`DELETE bucket?object=k&bucket=${name}`)).status).toBe(200)
    expect((await server().request('GET', `/${name}/k`)).status).toBe(404)
    expect((await server().request('GET', `/${name}/k`, { query: { versionId: 'null' } })).text).toBe('data')
    expect((await admin(`DELETE bucket?object=k&bucket=${name}`)).status).toBe(404)
  })

  it('needs buckets=write', async () => {
    const request = `DELETE bucket?object=k&bucket=${await makeBucket('alt')}`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
