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

describe('AdminUnlinkBucket', () => {
  it('takes a bucket from its owner, so that another one can be given it', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const name = await makeBucket(user)
    const { status, text } = await admin(`POST bucket?bucket=${name}&uid=${user.id}`)
    expect([status, text]).toEqual([200, ''])
    expect((await admin(`GET bucket?uid=${user.id}`)).json).toEqual([])
    expect((await server().request('HEAD', `/${name}`, { as: user })).status).toBe(403)
    expect((await admin(`GET bucket?bucket=${name}`)).json.owner).toBe('cozos')
    expect((await admin(`PUT bucket?bucket=${name}&uid=alt`)).status).toBe(200)
    expect((await server().request('HEAD', `/${name}`, { as: 'alt' })).status).toBe(200)
  })

  it('refuses a user that does not own it', async () => {
    const name = await makeBucket('alt')
    for (const [query, status, code] of [
      [`bucket=${name}&uid=ops`, 400, 'InvalidArgument'],
      ['bucket=nobodys-bucket&uid=alt', 404, 'NoSuchBucket'],
      [`bucket=${name}`, 400, 'InvalidArgument'],
      [`bucket=${name}&uid=alt&account-id=RGW1`, 501, 'NotImplemented'],
    ] as const) {
      const answer = await admin(`POST bucket?${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await admin(`POST bucket?bucket=${name}&uid=alt`)).status).toBe(200)
  })

  it('needs buckets=write', async () => {
    const request = `POST bucket?bucket=${await makeBucket('alt')}&uid=alt`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
