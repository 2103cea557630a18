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

describe('AdminGetPolicy', () => {
  it("tells the ACL of a bucket in Ceph's own form", async () => {
    const name = uniqueName('b')
    await server().request('PUT', `/${name}`, { as: 'alt', headers: { 'x-amz-acl': 'public-read' } })
    const { json } = await admin(`GET bucket?policy&bucket=${name}`)
    const grant = { email: '', url_spec: '' }
    expect(json).toEqual({
      acl: {
        acl_user_map: [{ user: 'alt', acl: 15 }],
        acl_group_map: [{ group: 1, acl: 1 }],
        grant_map: [
          { id: '', grant: { ...grant, type: { type: 2 }, id: '', permission: { flags: 1 }, name: '', group: 1 } },
          {
            id: 'alt',
            grant: { ...grant, type: { type: 0 }, id: 'alt', permission: { flags: 15 }, name: 'alt', group: 0 },
          },
        ],
      },
      owner: { id: 'alt', display_name: 'alt' },
    })
    const { text } = await admin(`GET bucket?policy&bucket=${name}&format=xml`)
    expect(text).toContain('<policy><acl><acl_user_map><entry><user>alt</user><acl>15</acl></entry></acl_user_map>')
  })

  it('tells that of an object', async () => {
    const name = await makeBucket('root')
    const { json } = await admin(`GET bucket?policy&bucket=${name}&object=k`)
    expect(json).toMatchObject({ acl: { acl_user_map: [{ user: 'cozos', acl: 15 }] }, owner: { id: 'cozos' } })
  })

  it('refuses what there is not', async () => {
    const name = await makeBucket('alt')
    expect((await admin(`GET bucket?policy&bucket=${name}&object=none`)).json.Code).toBe('NoSuchKey')
    expect((await admin('GET bucket?policy&bucket=nobodys-bucket')).json.Code).toBe('NoSuchBucket')
    expect((await admin('GET bucket?policy')).json.Code).toBe('InvalidArgument')
    expect((await admin(`GET bucket?policy&bucket=${name}`)).status).toBe(200)
  })

  it('needs buckets=read', async () => {
    const request = `GET bucket?policy&bucket=${await makeBucket('alt')}`
    expect(await whoIsRefused(admin, request)).toEqual(['alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
