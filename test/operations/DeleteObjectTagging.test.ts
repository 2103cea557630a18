import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { taggedObject, versionedObject } from '../support/object-tags.ts'
import { useServer } from '../support/server.ts'

describe('DeleteObjectTagging', () => {
  const server = useServer()

  it('removes the tags and nothing else; where there are none that is no error', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'a=1&b=2' })
    for (const _ of [1, 2]) {
      const answer = await tags.answer('DELETE')
      expect([answer.status, answer.text]).toEqual([204, ''])
    }
    expect(await tags.keys()).toBe('')
    const { text, headers } = await server().request('GET', tags.path)
    expect([text, headers['x-amz-tagging-count']]).toEqual(['x', undefined])
  })

  it('changes the named version alone, and tells which', async () => {
    const { tags, older, latest } = await versionedObject(server())
    const named = await tags.answer('DELETE', { versionId: older })
    expect([named.status, named.headers['x-amz-version-id']]).toEqual([204, older])
    expect([await tags.keys(), await tags.keys(older), await tags.keys('null')]).toEqual(['latest', '', 'null'])
    const nulls = await tags.answer('DELETE', { versionId: 'null' })
    expect([nulls.status, nulls.headers['x-amz-version-id']]).toEqual([204, 'null'])
    // The manual's 2.10: an empty VersionId is the latest.
    const current = await tags.answer('DELETE', { versionId: '' })
    expect([current.status, current.headers['x-amz-version-id']]).toEqual([204, latest])
    expect([await tags.keys(), await tags.keys('null')]).toEqual(['', ''])
    expect((await server().request('GET', tags.path, { query: { versionId: older } })).text).toBe('x')
  })

  it('knows no tags of what is not there', async () => {
    const { tags, older } = await versionedObject(server())
    expect(await tags.send('DELETE', { versionId: '3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY' })).toBe('404 NoSuchKey')
    await server().request('DELETE', tags.path)
    expect(await tags.send('DELETE')).toBe('404 NoSuchKey')
    expect(await tags.send('DELETE', { versionId: older })).toBe('204')
    const missing = `/${await createBucket(server())}/none`
    expect(verdict(await server().request('DELETE', missing, { query: { tagging: undefined } }))).toBe('404 NoSuchKey')
  })

  it('is for those who may', async () => {
    const tags = await taggedObject(server(), { 'x-amz-tagging': 'k', 'x-amz-acl': 'public-read' })
    expect(await tags.send('DELETE', { as: 'alt' })).toBe('403 AccessDenied')
    expect(await tags.send('DELETE', { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await tags.keys()).toBe('k')
    expect(await tags.send('DELETE')).toBe('204')
  })
})

describe('DeleteObjectTagging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('refuses a delete marker that is named, and an empty version id', async () => {
    const { tags, latest } = await versionedObject(server())
    const marker = String((await server().request('DELETE', tags.path)).headers['x-amz-version-id'])
    expect(await tags.send('DELETE', { versionId: marker })).toBe('405 MethodNotAllowed')
    expect(await tags.send('DELETE', { versionId: '' })).toBe('400 InvalidArgument')
    expect(await tags.keys(latest)).toBe('latest')
    expect(await tags.send('DELETE', { versionId: latest })).toBe('204')
  })
})
