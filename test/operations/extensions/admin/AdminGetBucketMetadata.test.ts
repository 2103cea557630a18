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

describe('AdminGetBucketMetadata', () => {
  it('lists the names of all buckets, or pages of them', async () => {
    const prefix = uniqueName('meta')
    for (const name of ['a', 'b']) await makeBucket('alt', `${prefix}-${name}`)
    expect((await admin('GET metadata/bucket')).json).toEqual(expect.arrayContaining([`${prefix}-a`, `${prefix}-b`]))
    const page = await admin(`GET metadata/bucket?max-entries=1&marker=${prefix}`)
    expect(page.json).toEqual({ keys: [`${prefix}-a`], truncated: true, count: 1, marker: `${prefix}-a` })
  })

  it("refuses what it does not have, Ceph's own form of a bucket", async () => {
    const name = await makeBucket('alt')
    expect((await admin(`GET metadata/bucket?key=${name}`)).json.Code).toBe('NotImplemented')
    expect((await admin('GET metadata/bucket?max-entries=0')).json.Code).toBe('InvalidArgument')
    expect((await admin('GET metadata/bucket?max-entries=5')).status).toBe(200)
  })

  it('needs metadata=read', async () => {
    expect(await whoIsRefused(admin, 'GET metadata/bucket')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET metadata/bucket', { as: 'root' })).status).toBe(200)
  })
})
