import {
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const ROOT = 'PublicAccessBlockConfiguration'
const ALL_ON: PublicAccessBlockConfiguration = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

function put(server: TestServer, bucket: string, options: TestRequest): Promise<string> {
  return server.request('PUT', `/${bucket}`, { query: { publicAccessBlock: undefined }, ...options }).then(verdict)
}

describe('PutPublicAccessBlock', () => {
  const server = useServer()
  const body = `<${ROOT}><BlockPublicAcls>true</BlockPublicAcls></${ROOT}>`

  it('replaces all four switches', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    for (const given of [ALL_ON, { BlockPublicAcls: true }]) {
      await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: given }))
      const { PublicAccessBlockConfiguration: stored } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
      const off = Object.fromEntries(Object.keys(ALL_ON).map((name) => [name, false]))
      expect(stored).toEqual({ ...off, ...given })
    }
  })

  it('refuses from then on what it blocks, on buckets and on objects', async () => {
    const bucket = await createBucket(server())
    const send = (method: string, path: string, options: TestRequest = {}) =>
      server().request(method, `/${bucket}${path}`, options).then(verdict)
    const open = { headers: { 'x-amz-acl': 'public-read' } }
    const acl = { query: { acl: undefined } }
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` },
    ]
    const policy = { query: { policy: undefined }, body: JSON.stringify({ Version: '2012-10-17', Statement }) }
    expect(await send('PUT', '/k', { body: 'x' })).toBe('200')
    const expectAll = async (answers: { acl: string; policy: string }) => {
      expect(await send('PUT', '', { ...acl, ...open })).toBe(answers.acl)
      expect(await send('PUT', '/k', { ...acl, ...open })).toBe(answers.acl)
      expect(await send('PUT', '/new', { body: 'x', ...open })).toBe(answers.acl)
      expect(await send('PUT', '', policy)).toBe(answers.policy)
    }
    await expectAll({ acl: '200', policy: '204' })
    const blocks = `<${ROOT}><BlockPublicAcls>true</BlockPublicAcls><BlockPublicPolicy>true</BlockPublicPolicy></${ROOT}>`
    expect(await put(server(), bucket, { body: blocks })).toBe('200')
    await expectAll({ acl: '403 AccessDenied', policy: '403 AccessDenied' })
    expect(await send('PUT', '/k', { ...acl, headers: { 'x-amz-acl': 'private' } })).toBe('200')
  })

  it('hides what public ACLs and policies show, and shows it again', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    const list = () => server().request('GET', `/${bucket}`, { as: 'anonymous' }).then(verdict)
    const set = (name: string, on: boolean) =>
      put(server(), bucket, { body: `<${ROOT}><${name}>${on}</${name}></${ROOT}>` })
    expect(await list()).toBe('200')
    await set('IgnorePublicAcls', true)
    expect(await list()).toBe('403 AccessDenied')
    await set('IgnorePublicAcls', false)
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${bucket}` }]
    const body = JSON.stringify({ Version: '2012-10-17', Statement })
    await server().request('PUT', `/${bucket}`, { query: { policy: undefined }, body })
    expect(await list()).toBe('200')
    await set('RestrictPublicBuckets', true)
    expect(await list()).toBe('403 AccessDenied')
    expect(await server().request('GET', `/${bucket}`).then(verdict)).toBe('200')
    await set('RestrictPublicBuckets', false)
    expect(await list()).toBe('200')
  })

  it.each([
    ['no document', '', '400 InvalidArgument'],
    ['half a document', `<${ROOT}><Block`, '400 InvalidArgument'],
    ['another document', '<Other/>', '400 InvalidArgument'],
    ['an unknown element', `<${ROOT}><Extra>true</Extra></${ROOT}>`, '400 InvalidArgument'],
  ])('refuses %s', async (_case, wrong, expected) => {
    const bucket = await createBucket(server())
    expect(await put(server(), bucket, { body: wrong })).toBe(expected)
    expect(await put(server(), bucket, { body })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(await put(server(), bucket, { body, as })).toBe('403 AccessDenied')
    }
    expect(await put(server(), uniqueName('none'), { body })).toBe('404 NoSuchBucket')
    expect(await put(server(), bucket, { body })).toBe('200')
  })
})
