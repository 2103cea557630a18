import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { policyOf, putPolicy, statementOn, usePolicy } from '../support/policies.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

describe('DeleteBucketPolicy', () => {
  const server = useServer()
  const remove = (bucket: string, request: TestRequest = {}) =>
    server().request('DELETE', `/${bucket}`, { query: { policy: undefined }, ...request })
  const status = async (bucket: string): Promise<string> =>
    verdict(await server().request('GET', `/${bucket}`, { query: { policy: undefined } }))

  it('removes the policy and what it gave', async () => {
    const Bucket = await createBucket(server())
    await server().request('PUT', `/${Bucket}/k`, { body: 'x' })
    const read = async () => verdict(await server().request('GET', `/${Bucket}/k`, { as: 'anonymous' }))
    await usePolicy(server(), Bucket, statementOn(Bucket))
    expect(await read()).toBe('200')
    // Recorded: policy.delete.
    expect(await remove(Bucket)).toMatchObject({ status: 200, text: '', headers: { 'content-length': '0' } })
    expect(await status(Bucket)).toBe('404 NoSuchBucketPolicy')
    expect(await read()).toBe('403 AccessDenied')
    expect((await remove(Bucket)).status).toBe(200)
    expect(verdict(await remove(uniqueName('none')))).toBe('404 NoSuchBucket')
  })

  it('is for the owner, whatever the policy denies', async () => {
    const Bucket = await createBucket(server(), { user: 'alt' })
    const body = policyOf(statementOn(Bucket, { Effect: 'Deny', Action: '*', Resource: '*' }))
    await putPolicy(server(), Bucket, { body, as: 'alt' })
    expect(verdict(await remove(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(await status(Bucket)).toBe('200')
    expect(verdict(await remove(Bucket, { as: 'alt' }))).toBe('200')
    expect(await status(Bucket)).toBe('404 NoSuchBucketPolicy')
    const other = await createBucket(server())
    await usePolicy(server(), other, statementOn(other))
    expect(verdict(await remove(other, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(await status(other)).toBe('200')
  })
})

describe('DeleteBucketPolicy in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('answers 204', async () => {
    const Bucket = await createBucket(server())
    const { $metadata } = await server().s3().send(new DeleteBucketPolicyCommand({ Bucket }))
    expect($metadata.httpStatusCode).toBe(204)
  })
})
