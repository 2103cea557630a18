import { GetBucketTaggingCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestServer, type UserName, uniqueName, useServer } from '../support/server.ts'
import { documentOf } from '../support/unset.ts'

const tag = (key: string) => `<Tag><Key>${key}</Key><Value>v</Value></Tag>`

async function get(server: TestServer, name: string, as: UserName = 'root') {
  return server.request('GET', `/${name}`, { query: { tagging: undefined }, as })
}

async function put(server: TestServer, name: string, keys: readonly string[]): Promise<void> {
  const body = `<Tagging><TagSet>${keys.map(tag).join('')}</TagSet></Tagging>`
  const answer = await server.request('PUT', `/${name}`, { query: { tagging: undefined }, body })
  expect(answer.status, answer.text).toBeLessThan(300)
}

describe('GetBucketTagging', () => {
  const server = useServer()

  it('answers in the order of the keys, as RGW does', async () => {
    const Bucket = await createBucket(server())
    await put(server(), Bucket, ['z', 'a', 'm'])
    const answer = await get(server(), Bucket)
    const tags = ['a', 'm', 'z'].map(tag).join('')
    expect(answer.text).toBe(documentOf('Tagging', `<TagSet>${tags}</TagSet>`))
    expect(answer.headers['content-type']).toBe('application/xml')
  })

  it('is an error where there are none', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await get(server(), Bucket))).toBe('404 NoSuchTagSet')
    const read = server().s3().send(new GetBucketTaggingCommand({ Bucket }))
    await expect(read).rejects.toMatchObject({ name: 'NoSuchTagSet' })
    await put(server(), Bucket, ['k'])
    expect(verdict(await get(server(), Bucket))).toBe('200')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    await put(server(), Bucket, ['k'])
    expect(verdict(await get(server(), Bucket))).toBe('200')
    expect(verdict(await get(server(), Bucket, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), Bucket, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

describe('GetBucketTagging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('answers in the order of the client', async () => {
    const Bucket = await createBucket(server())
    await put(server(), Bucket, ['z', 'a'])
    expect((await get(server(), Bucket)).text).toContain(tag('z') + tag('a'))
  })
})
