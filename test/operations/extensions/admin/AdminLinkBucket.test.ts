import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { type TestUser, uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

/** A bucket of this user's with an object in it. */
async function makeBucket(as: 'root' | 'alt' | TestUser, name = uniqueName('b')): Promise<string> {
  expect((await server().request('PUT', `/${name}`, { as })).status).toBe(200)
  expect((await server().request('PUT', `/${name}/k`, { as, body: 'data' })).status).toBe(200)
  return name
}

describe('AdminLinkBucket', () => {
  it('gives a bucket to another user, and with it what belongs to its owner', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const name = await makeBucket('alt')
    const { status, text } = await admin(`PUT bucket?bucket=${name}&uid=${user.id}`)
    expect([status, text]).toEqual([200, ''])
    expect((await server().request('HEAD', `/${name}`, { as: user })).status).toBe(200)
    expect((await server().request('HEAD', `/${name}`, { as: 'alt' })).status).toBe(403)
    expect((await admin(`GET bucket?uid=${user.id}`)).json).toEqual([name])
    // The quota of the new owner counts what is in it.
    expect((await admin(`GET user?uid=${user.id}&stats=true`)).json.stats).toMatchObject({ size: 4, num_objects: 1 })
    const { id } = (await admin(`GET bucket?bucket=${name}`)).json
    expect((await admin(`PUT bucket?bucket=${name}&uid=cozos&bucket-id=${id}`)).status).toBe(200)
    expect((await server().request('HEAD', `/${name}`, { as: user })).status).toBe(403)
  })

  it('moves it into the tenant of its new owner', async () => {
    const tenant = uniqueName('t').replaceAll('-', '_')
    const user = await makeUser(admin, uniqueName('u'), `&tenant=${tenant}`)
    const name = await makeBucket('alt')
    // Where the user is of a tenant, its bucket of this name is meant: another tenant's is named with it.
    const inTenant = await admin(`PUT bucket?bucket=${name}&uid=${tenant}$${user.id}`)
    expect(inTenant.json.Code).toBe('NoSuchBucket')
    expect((await admin(`PUT bucket?bucket=%2F${name}&uid=${tenant}$${user.id}`)).status).toBe(200)
    expect((await server().request('GET', `/${name}/k`)).status).toBe(404)
    expect((await server().request('HEAD', `/${tenant}:${name}`)).status).toBe(200)
    expect((await server().request('HEAD', `/${name}`, { as: user })).status).toBe(200)
    const other = await makeBucket('alt', name)
    const taken = await admin(`PUT bucket?bucket=%2F${other}&uid=${tenant}$${user.id}`)
    expect([taken.status, taken.json.Code]).toEqual([409, 'BucketAlreadyExists'])
  })

  it('refuses what there is not, and what it does not do', async () => {
    const name = await makeBucket('alt')
    for (const [query, status, code] of [
      [`bucket=${name}&uid=nobody`, 404, 'NoSuchUser'],
      ['bucket=nobodys-bucket&uid=alt', 404, 'NoSuchBucket'],
      [`bucket=${name}`, 400, 'InvalidArgument'],
      ['uid=alt', 400, 'InvalidArgument'],
      [`bucket=${name}&uid=alt&bucket-id=default.0`, 400, 'InvalidArgument'],
      [`bucket=${name}&uid=alt&new-bucket-name=other`, 501, 'NotImplemented'],
      [`bucket=${name}&uid=alt&account-id=RGW1`, 501, 'NotImplemented'],
    ] as const) {
      const answer = await admin(`PUT bucket?${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await admin(`PUT bucket?bucket=${name}&uid=alt`)).status).toBe(200)
  })

  it('needs buckets=write', async () => {
    const request = `PUT bucket?bucket=${await makeBucket('alt')}&uid=ops`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
