import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminDeleteUser', () => {
  it('removes a user and its keys', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const { status, text } = await admin(`DELETE user?uid=${user.id}`)
    expect([status, text]).toEqual([200, ''])
    const refused = await server().request('GET', '/', { as: user })
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('InvalidAccessKeyId')])
    expect((await admin(`GET user?uid=${user.id}`)).status).toBe(404)
    expect((await admin(`DELETE user?uid=${user.id}`)).json.Code).toBe('NoSuchUser')
    expect((await admin('DELETE user')).json.Code).toBe('InvalidArgument')
  })

  it('keeps a user that owns buckets, but with purge-data takes all of them', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const buckets = [`/${uniqueName('b')}`, `/${uniqueName('b')}`]
    for (const bucket of buckets) {
      await server().request('PUT', bucket, { as: user })
      await server().request('PUT', `${bucket}/k`, { as: user, body: 'data' })
    }
    const refused = await admin(`DELETE user?uid=${user.id}&purge-data=False`)
    expect([refused.status, refused.json.Code]).toEqual([409, 'BucketAlreadyExists'])
    expect((await server().request('GET', `${buckets[0]}/k`, { as: user })).text).toBe('data')
    // go-ceph sends a number.
    expect((await admin(`DELETE user?uid=${user.id}&purge-data=1`)).status).toBe(200)
    for (const bucket of buckets) expect((await server().request('HEAD', bucket)).status).toBe(404)
    expect((await admin('DELETE user?uid=nobody&purge-data=true')).json.Code).toBe('NoSuchUser')
  })

  it('needs users=write', async () => {
    const request = `DELETE user?uid=${(await makeUser(admin, uniqueName('u'))).id}`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
