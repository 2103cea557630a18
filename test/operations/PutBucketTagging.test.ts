import { GetBucketTaggingCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const tagging = (...keys: readonly string[]): string =>
  `<Tagging><TagSet>${keys.map((key) => `<Tag><Key>${key}</Key><Value>v</Value></Tag>`).join('')}</TagSet></Tagging>`
const many = (count: number): string => tagging(...Array.from({ length: count }, (_, at) => `k${at}`))

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query: { tagging: undefined }, ...request }))
}

async function get(server: TestServer, name: string): Promise<string> {
  const answer = await server.request('GET', `/${name}`, { query: { tagging: undefined } })
  return answer.status === 200 ? answer.text.replace(/.*<TagSet>(.*)<\/TagSet>.*/, '$1') : verdict(answer)
}

describe('PutBucketTagging', () => {
  const server = useServer()

  it('replaces all tags, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const first = [
      { Key: 'b', Value: '2' },
      { Key: 'a', Value: '' },
      { Key: '键', Value: '值' },
    ]
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: first } }))
    const TagSet = [{ Key: 'key-1', Value: 'val-1' }]
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
    await server().restart()
    const kept = await server().s3().send(new GetBucketTaggingCommand({ Bucket }))
    expect(kept.TagSet).toEqual(TagSet)
  })

  it('answers with a type and no body, as RGW does', async () => {
    const Bucket = await createBucket(server())
    const answer = await server().request('PUT', `/${Bucket}`, { query: { tagging: undefined }, body: tagging('k') })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<Tagging><TagSet>', '400 MalformedXML'],
    ['<Other/>', '400 MalformedXML'],
    [many(51), '400 InvalidTag'],
    [tagging('k'.repeat(129)), '400 InvalidTag'],
    [tagging(''), '400 InvalidTag'],
  ])('refuses %j and keeps what was there', async (body, expected) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: tagging('before') })).toBe('200')
    expect(await put(server(), Bucket, { body })).toBe(expected)
    expect(await get(server(), Bucket)).toContain('<Key>before</Key>')
    expect(await put(server(), Bucket, { body: many(50) })).toBe('200')
  })

  it('keeps tags of one key, and an empty set', async () => {
    const Bucket = await createBucket(server())
    // Recorded: bucket_tagging.put.dup, bucket_tagging.get.empty_set.
    expect(await put(server(), Bucket, { body: tagging('k', 'k') })).toBe('200')
    expect((await get(server(), Bucket)).match(/<Key>k<\/Key>/g)).toHaveLength(2)
    expect(await put(server(), Bucket, { body: tagging() })).toBe('200')
    expect(await get(server(), Bucket)).toBe('')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const body = tagging('k')
    expect(await put(server(), Bucket, { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, { body, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body })).toBe('404 NoSuchBucket')
    expect(await get(server(), Bucket)).toBe('404 NoSuchTagSet')
    expect(await put(server(), Bucket, { body })).toBe('200')
  })
})

describe('PutBucketTagging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s status, errors and rules', async () => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: tagging('k', 'k') })).toBe('400 InvalidTag')
    expect(await put(server(), Bucket, { body: tagging('aws:k') })).toBe('400 InvalidTag')
    expect(await put(server(), Bucket, { body: tagging('k{') })).toBe('400 InvalidTag')
    expect(await put(server(), Bucket, { body: many(51) })).toBe('400 BadRequest')
    expect(await get(server(), Bucket)).toBe('404 NoSuchTagSet')
    expect(await put(server(), Bucket, { body: tagging('k') })).toBe('204')
    expect(await put(server(), Bucket, { body: tagging() })).toBe('204')
    expect(await get(server(), Bucket)).toBe('404 NoSuchTagSet')
  })
})
