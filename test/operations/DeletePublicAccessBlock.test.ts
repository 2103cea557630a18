import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type UserName, uniqueName, useServer } from '../support/server.ts'

describe('DeletePublicAccessBlock', () => {
  const server = useServer()
  const remove = (bucket: string, as: UserName = 'root') =>
    server()
      .request('DELETE', `/${bucket}`, { query: { publicAccessBlock: undefined }, as })
      .then(verdict)

  it('opens the bucket again, as often as it is asked', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    const s3 = server().s3()
    const PublicAccessBlockConfiguration = { IgnorePublicAcls: true }
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
    const list = () => server().request('GET', `/${Bucket}`, { as: 'anonymous' }).then(verdict)
    expect(await list()).toBe('403 AccessDenied')
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }))
    expect(await list()).toBe('200')
    const { PublicAccessBlockConfiguration: left } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    expect(left!.IgnorePublicAcls).toBe(false)
    expect(await remove(Bucket)).toBe('204')
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) expect(await remove(bucket, as)).toBe('403 AccessDenied')
    expect(await remove(uniqueName('none'))).toBe('404 NoSuchBucket')
    expect(await remove(bucket)).toBe('204')
  })
})
