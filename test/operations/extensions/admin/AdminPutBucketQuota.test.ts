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

describe('AdminPutBucketQuota', () => {
  it('bounds one bucket, by parameters or as JSON', async () => {
    const name = await makeBucket('alt')
    const now = async () => (await admin(`GET bucket?bucket=${name}`)).json.bucket_quota
    const put = await admin(`PUT bucket?quota&uid=alt&bucket=${name}&max-objects=1&max-size-kb=2&enabled=true`)
    expect([put.status, put.text]).toEqual([200, ''])
    expect(await now()).toMatchObject({ enabled: true, max_objects: 1, max_size: 2048 })
    const refused = await server().request('PUT', `/${name}/other`, { as: 'alt', body: 'x' })
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('QuotaExceeded')])
    await admin(`PUT bucket?quota&uid=alt&bucket=${name}&max-objects=-1`)
    expect(await now()).toMatchObject({ enabled: true, max_objects: -1, max_size: 2048 })
    expect((await server().request('PUT', `/${name}/other`, { as: 'alt', body: 'x' })).status).toBe(200)
    const body = JSON.stringify({ enabled: false, max_objects: 5 })
    expect((await admin(`PUT bucket?quota&uid=alt&bucket=${name}`, { body })).status).toBe(200)
    expect(await now()).toMatchObject({ enabled: false, max_objects: 5, max_size: -1 })
  })

  it('refuses what is no quota, and no bucket', async () => {
    const name = await makeBucket('alt')
    for (const [query, body, code] of [
      [`uid=alt&bucket=${name}&max-objects=x`, undefined, 'InvalidArgument'],
      [`uid=alt&bucket=${name}`, '[]', 'InvalidArgument'],
      [`bucket=${name}&max-objects=1`, undefined, 'InvalidArgument'],
      ['uid=alt&max-objects=1', undefined, 'InvalidArgument'],
      ['uid=alt&bucket=nobodys-bucket&max-objects=1', undefined, 'NoSuchBucket'],
    ] as const) {
      const answer = await admin(`PUT bucket?quota&${query}`, body === undefined ? {} : { body })
      expect(answer.json.Code, query).toBe(code)
    }
    expect((await admin(`PUT bucket?quota&uid=alt&bucket=${name}&max-objects=1`)).status).toBe(200)
  })

  it('needs buckets=write', async () => {
    const request = `PUT bucket?quota&uid=alt&bucket=${await makeBucket('alt')}&max-objects=1`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
