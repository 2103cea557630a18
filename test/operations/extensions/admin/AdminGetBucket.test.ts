import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { newBucket } from '../../../support/rows.ts'
import { type TestUser, uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

/** A bucket of this user's with an object in it. */
async function makeBucket(as: 'root' | 'alt' | TestUser, name = uniqueName('b')): Promise<string> {
  expect((await server().request('PUT', `/${name}`, { as })).status).toBe(200)
  expect((await server().request('PUT', `/${name}/k`, { as, body: 'data' })).status).toBe(200)
  return name
}

describe('AdminGetBucket', () => {
  it('tells all of one bucket', async () => {
    const name = await makeBucket('alt')
    await admin(`PUT bucket?quota&uid=alt&bucket=${name}&max-objects=9&enabled=true`)
    const { json } = await admin(`GET bucket?bucket=${name}&stats=true&format=json`)
    expect(json).toMatchObject({
      bucket: name,
      tenant: '',
      owner: 'alt',
      zonegroup: 'default',
      versioning: 'off',
      versioned: false,
      versioning_enabled: false,
      object_lock_enabled: false,
      id: expect.stringMatching(/^default\.\d+$/),
      marker: json.id,
      creation_time: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000Z$/),
      usage: { 'rgw.main': { size: 4, size_kb: 1, num_objects: 1 } },
      bucket_quota: { enabled: true, max_objects: 9 },
    })
    expect((await admin(`GET bucket?bucket=${name}&format=xml`)).text).toContain(`<stats><bucket>${name}</bucket>`)
  })

  it('lists those of a user, by name or with all', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const names = [await makeBucket(user), await makeBucket(user)].toSorted()
    expect((await admin(`GET bucket?uid=${user.id}&stats=False`)).json).toEqual(names)
    const stats = await admin(`GET bucket?uid=${user.id}&stats=true`)
    expect(stats.json.map((one: { bucket: string; owner: string }) => [one.bucket, one.owner])).toEqual(
      names.map((name) => [name, user.id]),
    )
    const xml = await admin(`GET bucket?uid=${user.id}&format=xml`)
    expect(xml.text).toContain(`<buckets><bucket>${names[0]}</bucket><bucket>${names[1]}</bucket></buckets>`)
  })

  it('lists those of all, with their tenants', async () => {
    const tenant = uniqueName('t').replaceAll('-', '_')
    const user = await makeUser(admin, uniqueName('u'), `&tenant=${tenant}`)
    const inTenant = await makeBucket(user)
    const ofRoot = await makeBucket('root')
    expect((await admin('GET bucket')).json).toEqual(expect.arrayContaining([ofRoot, `${tenant}/${inTenant}`]))
    const all = (await admin('GET bucket?stats=true')).json
    expect(all).toContainEqual(expect.objectContaining({ bucket: inTenant, tenant }))
    // Every way to name it.
    for (const query of [
      `bucket=${tenant}%2F${inTenant}`,
      `bucket=${tenant}:${inTenant}`,
      `bucket=${inTenant}&uid=${tenant}$${user.id}`,
      `bucket=${inTenant}&tenant=${tenant}`,
    ]) {
      expect((await admin(`GET bucket?${query}`)).json.bucket, query).toBe(inTenant)
    }
    expect((await admin(`GET bucket?bucket=${inTenant}`)).status).toBe(404)
    expect((await admin(`GET bucket?uid=${tenant}$${user.id}`)).json).toEqual([inTenant])
    expect((await admin('GET bucket?uid=cozos')).json).toContain(ofRoot)
  })

  it('lists more than fit into one page', async () => {
    const user = await makeUser(admin, uniqueName('u'), '&max-buckets=0')
    const { metadata } = server().running.services
    const names = Array.from({ length: 1001 }, (_, i) => `${user.id}-${String(i).padStart(4, '0')}`)
    await metadata.write(async (tx) => {
      for (const name of names) await tx.buckets.insert(newBucket(name, { ownerId: user.id }))
    })
    expect((await admin(`GET bucket?uid=${user.id}`)).json).toEqual(names)
    expect((await admin(`GET bucket?uid=${user.id}&stats=true`)).json).toHaveLength(1001)
    expect((await admin('GET bucket')).json).toEqual(expect.arrayContaining(names))
    for (const name of names)
      await metadata.write(async (tx) => {
        const row = await tx.buckets.find({ tenant: '', name })
        if (row !== undefined) await tx.buckets.remove(row.id, 0)
      })
  })

  it('refuses a bucket and a user that there are not', async () => {
    expect((await admin('GET bucket?bucket=nobodys-bucket')).json.Code).toBe('NoSuchBucket')
    expect((await admin('GET bucket?uid=nobody')).json.Code).toBe('NoSuchUser')
    expect((await admin('GET bucket?uid=alt')).status).toBe(200)
  })

  it('needs buckets=read', async () => {
    expect(await whoIsRefused(admin, 'GET bucket?uid=alt')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET bucket?uid=alt', { as: 'root' })).status).toBe(200)
  })
})
