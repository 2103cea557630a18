import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../../../support/buckets.ts'
import { type TestRequest, uniqueName, useServer } from '../../../support/server.ts'
import { documentOf } from '../../../support/unset.ts'

describe('GetBucketQuota', () => {
  const server = useServer({
    users: [
      { id: 'bounded', bucketQuota: { maxObjects: 3 }, keys: [{ accessKey: 'BOUNDED', secretKey: 'bounded-secret' }] },
    ],
  })
  const bounded = { id: 'bounded', accessKey: 'BOUNDED', secretKey: 'bounded-secret' }
  const get = (name: string, request: TestRequest = {}) =>
    server().request('GET', `/${name}`, { query: { quota: undefined }, ...request })
  const none = '<Enabled>false</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects>'

  it('has the bytes of ZOS where none was set', async () => {
    const answer = await get(await createBucket(server()))
    expect(answer.headers).toMatchObject({ 'content-type': 'application/xml', 'content-length': '203' })
    expect(answer.text).toBe(documentOf('QuotaConfiguration', none))
  })

  it('is the bucket’s own, and not what its owner’s account has for each of its buckets', async () => {
    const name = uniqueName('q')
    await server().request('PUT', `/${name}`, { as: bounded })
    expect((await get(name, { as: bounded })).text).toBe(documentOf('QuotaConfiguration', none))
    const body = '<QuotaConfiguration><Enabled>true</Enabled><MaxObjects>5</MaxObjects></QuotaConfiguration>'
    await server().request('PUT', `/${name}`, { query: { quota: undefined }, body, as: bounded })
    expect((await get(name, { as: bounded })).text).toContain('<MaxObjects>5</MaxObjects>')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await get(name))).toBe('200')
    expect(verdict(await get(name, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(name, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})
