import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { taggedObject, tagging, versionedObject } from '../support/object-tags.ts'
import { useServer } from '../support/server.ts'

const many = (count: number): string => tagging(...Array.from({ length: count }, (_, at) => `k${at}`))

describe('PutObjectTagging', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('replaces all tags, and leaves the rest of the object as it is', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'a=1&b=2', 'x-amz-meta-m': 'kept' })
    const before = await server().request('HEAD', tags.path)
    const answer = await tags.answer('PUT', { body: tagging('z', 'y', 'x') })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
    expect(await tags.keys()).toBe('x y z')
    const after = await server().request('GET', tags.path)
    expect(after).toMatchObject({ status: 200, text: 'x', headers: { 'x-amz-meta-m': 'kept' } })
    for (const name of ['etag', 'last-modified']) expect(after.headers[name]).toBe(before.headers[name])
    expect([before, after].map(({ headers }) => headers['x-amz-tagging-count'])).toEqual(['2', '3'])
    await server().restart()
    expect(await tags.keys()).toBe('x y z')
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<Tagging', '400 MalformedXML'],
    [many(11), '400 InvalidTag'],
    [tagging('k'.repeat(129)), '400 InvalidTag'],
  ])('refuses %j and keeps what was there', async (body, expected) => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'before' })
    expect(await tags.send('PUT', { body })).toBe(expected)
    expect(await tags.keys()).toBe('before')
    expect(await tags.send('PUT', { body: many(10) })).toBe('200')
  })

  it('changes the named version alone, and tells which', async () => {
    const { tags, older, latest } = await versionedObject(server())
    const named = await tags.answer('PUT', { versionId: older, body: tagging('old') })
    expect([named.status, named.headers['x-amz-version-id']]).toEqual([200, older])
    const current = await tags.answer('PUT', { body: tagging('new') })
    expect([current.status, current.headers['x-amz-version-id']]).toEqual([200, latest])
    const nulls = await tags.answer('PUT', { versionId: 'null', body: tagging('nothing') })
    expect([nulls.status, nulls.headers['x-amz-version-id']]).toEqual([200, 'null'])
    expect(await tags.keys()).toBe('new')
    expect(await tags.keys(latest)).toBe('new')
    expect(await tags.keys(older)).toBe('old')
    expect(await tags.keys('null')).toBe('nothing')
  })

  it('is served to SigV2, which signs the subresource and the version', async () => {
    const { tags, older } = await versionedObject(server())
    expect(await tags.send('PUT', { versionId: older, body: tagging('k'), sign: 'v2' })).toBe('200')
    expect(await tags.send('GET', { versionId: older, sign: 'v2' })).toBe('200')
    expect(await tags.keys(older)).toBe('k')
  })

  it('asks the policy again once the tags are known', async () => {
    const tags = await taggedObject(server())
    const bucket = tags.path.split('/')[1] ?? ''
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam:::user/alt'] },
      Action: 's3:PutObjectTagging',
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: { StringEquals: { 's3:RequestObjectTag/team': 'v' } },
    }
    const body = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const put = await server().request('PUT', `/${bucket}`, { query: { policy: undefined }, body })
    expect(verdict(put)).toBe('204')
    expect(await tags.send('PUT', { body: tagging('other'), as: 'alt' })).toBe('403 AccessDenied')
    expect(await tags.keys()).toBe('')
    expect(await tags.send('PUT', { body: tagging('team'), as: 'alt' })).toBe('200')
    expect(await tags.keys()).toBe('team')
  })

  it('knows no tags of what is not there', async () => {
    const { tags, latest } = await versionedObject(server())
    const body = tagging('k')
    const unknown = { versionId: '3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY', body }
    expect(await tags.send('PUT', unknown)).toBe('404 NoSuchKey')
    const marker = String((await server().request('DELETE', tags.path)).headers['x-amz-version-id'])
    expect(await tags.send('PUT', { body })).toBe('404 NoSuchKey')
    expect(await tags.send('PUT', { versionId: marker, body })).toBe('404 NoSuchKey')
    expect(await tags.send('PUT', { versionId: latest, body })).toBe('200')
    const missing = await server().request('PUT', `/${await createBucket(server())}/none`, {
      query: { tagging: undefined },
      body,
    })
    expect(verdict(missing)).toBe('404 NoSuchKey')
  })

  it('is for those who may', async () => {
    const tags = await taggedObject(server(), { 'x-amz-acl': 'public-read' })
    const body = tagging('k')
    expect(await tags.send('PUT', { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await tags.send('PUT', { body, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await tags.keys()).toBe('')
    expect(await tags.send('PUT', { body })).toBe('200')
  })

  it('tags what is locked', async () => {
    const Bucket = await createBucket(server(), { objectLock: true })
    await server().request('PUT', `/${Bucket}/k`, { body: 'x', headers: { 'x-amz-object-lock-legal-hold': 'ON' } })
    const answer = await server().request('PUT', `/${Bucket}/k`, { query: { tagging: undefined }, body: tagging('k') })
    expect(verdict(answer)).toBe('200')
  })
})

describe('PutObjectTagging in the dialect zos', () => {
  const server = useServer()

  it('takes the manual’s fifty tags, and an empty VersionId for the latest', async () => {
    const tags = await taggedObject(server())
    expect(await tags.send('PUT', { body: many(50) })).toBe('200')
    expect(await tags.send('PUT', { body: many(51) })).toBe('400 InvalidTag')
    expect(await tags.send('PUT', { versionId: '', body: tagging('k') })).toBe('200')
    expect(await tags.keys()).toBe('k')
  })
})

describe('PutObjectTagging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s rules', async () => {
    const tags = await taggedObject(server())
    expect(await tags.send('PUT', { body: many(11) })).toBe('400 BadRequest')
    expect(await tags.send('PUT', { body: tagging('k', 'k') })).toBe('400 InvalidTag')
    expect(await tags.send('PUT', { body: tagging('aws:k') })).toBe('400 InvalidTag')
    expect(await tags.send('PUT', { versionId: '', body: tagging('k') })).toBe('400 InvalidArgument')
    expect(await tags.keys()).toBe('')
    expect(await tags.send('PUT', { body: tagging('z', 'a') })).toBe('200')
    expect(await tags.keys()).toBe('z a')
  })

  it('refuses a delete marker that is named', async () => {
    const { tags } = await versionedObject(server())
    const marker = String((await server().request('DELETE', tags.path)).headers['x-amz-version-id'])
    const body = tagging('k')
    const answer = await tags.answer('PUT', { versionId: marker, body })
    expect(verdict(answer)).toBe('405 MethodNotAllowed')
    expect(answer.text).toContain('<Method>PUT</Method>')
    expect(await tags.send('PUT', { body })).toBe('404 NoSuchKey')
    expect(await tags.send('PUT', { versionId: 'null', body })).toBe('200')
  })
})
