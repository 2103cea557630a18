import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../../../support/buckets.ts'
import { type TestRequest, uniqueName, useServer } from '../../../support/server.ts'

const quota = (inside: string): string => `<QuotaConfiguration>${inside}</QuotaConfiguration>`
const ONE_OBJECT = quota('<Enabled>true</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>1</MaxObjects>')
const NONE = quota('<Enabled>false</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects>')

describe('PutBucketQuota', () => {
  const server = useServer()
  const put = async (name: string, request: TestRequest): Promise<string> =>
    verdict(await server().request('PUT', `/${name}`, { query: { quota: undefined }, ...request }))
  const get = async (name: string): Promise<string> =>
    (await server().request('GET', `/${name}`, { query: { quota: undefined } })).text
  const write = async (path: string): Promise<string> => verdict(await server().request('PUT', path, { body: 'x' }))

  it('limits what the bucket holds, until it is lifted, and survives a restart', async () => {
    const name = await createBucket(server())
    expect(await put(name, { body: ONE_OBJECT })).toBe('200')
    expect(await write(`/${name}/a`)).toBe('200')
    expect(await write(`/${name}/b`)).toBe('403 QuotaExceeded')
    await server().restart()
    expect(await get(name)).toContain('<Enabled>true</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>1</MaxObjects>')
    expect(await write(`/${name}/b`)).toBe('403 QuotaExceeded')
    expect(await put(name, { body: NONE })).toBe('200')
    expect(await write(`/${name}/b`)).toBe('200')
  })

  it('leaves what is there already', async () => {
    const name = await createBucket(server())
    for (const key of ['a', 'b', 'c']) expect(await write(`/${name}/${key}`)).toBe('200')
    expect(await put(name, { body: ONE_OBJECT })).toBe('200')
    expect(await write(`/${name}/d`)).toBe('403 QuotaExceeded')
    for (const key of ['a', 'b', 'c']) expect((await server().request('GET', `/${name}/${key}`)).text).toBe('x')
  })

  it('remembers a quota that is not enabled, and does not enforce it', async () => {
    const name = await createBucket(server())
    expect(await put(name, { body: quota('<Enabled>false</Enabled><MaxObjects>1</MaxObjects>') })).toBe('200')
    expect(await get(name)).toContain('<Enabled>false</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>1</MaxObjects>')
    for (const key of ['a', 'b']) expect(await write(`/${name}/${key}`)).toBe('200')
  })

  it.each([
    [''],
    ['<Quota'],
    [quota('<MaxObjects>1</MaxObjects>')],
    [quota('<Enabled>true</Enabled><MaxObjects>0</MaxObjects>')],
    [quota('<Enabled>true</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>-1</MaxObjects>')],
  ])('refuses %j and changes nothing', async (body) => {
    const name = await createBucket(server())
    const before = await get(name)
    expect(await put(name, { body })).toBe('400 InvalidArgument')
    expect(await get(name)).toBe(before)
    expect(await put(name, { body: ONE_OBJECT })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    const before = await get(name)
    expect(await put(name, { body: ONE_OBJECT, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(name, { body: ONE_OBJECT, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(uniqueName('none'), { body: ONE_OBJECT })).toBe('404 NoSuchBucket')
    expect(await get(name)).toBe(before)
    expect(await put(name, { body: ONE_OBJECT })).toBe('200')
  })
})
