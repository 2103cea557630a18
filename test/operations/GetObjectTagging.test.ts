import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { taggedObject, tagging, versionedObject } from '../support/object-tags.ts'
import { useServer } from '../support/server.ts'
import { documentOf } from '../support/unset.ts'

describe('GetObjectTagging', () => {
  const server = useServer()

  it('answers the tags of x-amz-tagging, in the order of their keys', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'z=1&a=2&m' })
    const answer = await tags.answer('GET')
    // Recorded from RGW: object_tagging.get.order.
    expect(answer.text).toBe(
      documentOf(
        'Tagging',
        '<TagSet><Tag><Key>a</Key><Value>2</Value></Tag><Tag><Key>m</Key><Value></Value></Tag>' +
          '<Tag><Key>z</Key><Value>1</Value></Tag></TagSet>',
      ),
    )
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.headers['x-amz-version-id']).toBeUndefined()
  })

  it('answers an empty set where there are none', async () => {
    const tags = await taggedObject(server())
    expect((await tags.answer('GET')).text).toBe(documentOf('Tagging', '<TagSet></TagSet>'))
  })

  it('answers those of a copy and of a multipart object', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'k=v' })
    const copy = `${tags.path}-copy`
    await server().request('PUT', copy, { headers: { 'x-amz-copy-source': tags.path } })
    const read = async (path: string) => (await server().request('GET', path, { query: { tagging: undefined } })).text
    expect(await read(copy)).toContain('<Tag><Key>k</Key><Value>v</Value></Tag>')
    const replacing = { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'new=tag' }
    await server().request('PUT', copy, { headers: { 'x-amz-copy-source': tags.path, ...replacing } })
    expect(await read(copy)).toContain('<TagSet><Tag><Key>new</Key><Value>tag</Value></Tag></TagSet>')
  })

  it('answers those of the named version', async () => {
    const { tags, older, latest } = await versionedObject(server())
    expect(await tags.keys()).toBe('latest')
    expect(await tags.keys('')).toBe('latest')
    expect(await tags.keys(latest)).toBe('latest')
    expect(await tags.keys(older)).toBe('older')
    expect(await tags.keys('null')).toBe('null')
    const versions = [undefined, older, 'null'].map(async (versionId) => {
      const { headers } = await tags.answer('GET', versionId === undefined ? {} : { versionId })
      return headers['x-amz-version-id']
    })
    expect(await Promise.all(versions)).toEqual([latest, older, 'null'])
  })

  it('knows no tags of what is not there', async () => {
    const { tags, older } = await versionedObject(server())
    expect(await tags.keys('3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY')).toBe('404 NoSuchKey')
    const marker = String((await server().request('DELETE', tags.path)).headers['x-amz-version-id'])
    expect(await tags.keys()).toBe('404 NoSuchKey')
    expect(await tags.keys(marker)).toBe('404 NoSuchKey')
    expect(await tags.keys(older)).toBe('older')
    const Bucket = await createBucket(server())
    const get = (path: string) => server().request('GET', path, { query: { tagging: undefined } })
    expect(verdict(await get(`/${Bucket}/none`))).toBe('404 NoSuchKey')
    expect(verdict(await get('/no-such-bucket-here/k'))).toBe('404 NoSuchBucket')
  })

  it('is for those who may', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'k' })
    expect(await tags.send('GET', { as: 'alt' })).toBe('403 AccessDenied')
    expect(await tags.send('GET', { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await tags.send('GET')).toBe('200')
  })

  it.each([
    ['s3:GetObjectTagging', '200', '403 AccessDenied'],
    ['s3:GetObjectVersionTagging', '403 AccessDenied', '200'],
  ])('has permissions of its own: %s', async (Action, latest, named) => {
    const { tags, older } = await versionedObject(server())
    const bucket = tags.path.split('/')[1] ?? ''
    const Principal = { AWS: ['arn:aws:iam:::user/alt'] }
    const statement = { Effect: 'Allow', Principal, Action, Resource: `arn:aws:s3:::${bucket}/*` }
    const body = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    expect(verdict(await server().request('PUT', `/${bucket}`, { query: { policy: undefined }, body }))).toBe('204')
    expect(await tags.send('GET', { as: 'alt' })).toBe(latest)
    expect(await tags.send('GET', { as: 'alt', versionId: '' })).toBe(latest)
    expect(await tags.send('GET', { as: 'alt', versionId: older })).toBe(named)
  })
})

describe('GetObjectTagging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('tells a delete marker, and answers in the order of the client', async () => {
    const { tags, older } = await versionedObject(server())
    expect(await tags.keys('')).toBe('400 InvalidArgument')
    const marker = String((await server().request('DELETE', tags.path)).headers['x-amz-version-id'])
    const answer = await tags.answer('GET')
    expect([verdict(answer), answer.headers['x-amz-delete-marker']]).toEqual(['404 NoSuchKey', 'true'])
    expect(await tags.keys(marker)).toBe('405 MethodNotAllowed')
    expect(await tags.send('PUT', { versionId: older, body: tagging('z', 'a') })).toBe('200')
    expect(await tags.keys(older)).toBe('z a')
  })
})
