import { beforeAll, describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

const DELETE_K = '<Delete><Object><Key>k</Key></Object></Delete>'

describe('x-amz-expected-bucket-owner', () => {
  const server = useServer()
  let bucket: string
  beforeAll(async () => {
    bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
  })

  it.each([
    ['HeadBucket', 'HEAD', '', {}, ''],
    ['ListObjects', 'GET', '', {}, ''],
    ['GetBucketVersioning', 'GET', '', { versioning: undefined }, ''],
    ['PutObject', 'PUT', '/k', {}, 'y'],
    ['GetObject', 'GET', '/k', {}, ''],
    ['HeadObject', 'HEAD', '/k', {}, ''],
    ['GetObjectAttributes', 'GET', '/k', { attributes: undefined }, ''],
    ['AppendObject', 'PUT', '/appended', { append: undefined, position: '0' }, 'x'],
    ['CreateMultipartUpload', 'POST', '/k', { uploads: undefined }, ''],
    ['DeleteObjects', 'POST', '', { delete: undefined }, DELETE_K],
    ['DeleteObject', 'DELETE', '/k', {}, ''],
  ])('is held against the owner by %s', async (_operation, method, path, query, body) => {
    const attributes = { 'x-amz-object-attributes': 'ETag' }
    const answer = async (owner: string) => {
      const headers = { ...attributes, 'x-amz-expected-bucket-owner': owner }
      return verdict(await server().request(method, `/${bucket}${path}`, { query, body, headers }))
    }
    expect(await answer('alt')).toMatch(/^403/)
    expect(await answer('cozos')).toMatch(/^20[04]$/)
  })
})
