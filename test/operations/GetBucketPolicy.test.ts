import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { policyOf, putPolicy, statementOn, usePolicy } from '../support/policies.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

describe('GetBucketPolicy', () => {
  const server = useServer()
  const get = (bucket: string, request: TestRequest = {}) =>
    server().request('GET', `/${bucket}`, { query: { policy: undefined }, ...request })

  it('hands the policy back byte for byte, after a restart too', async () => {
    const Bucket = await createBucket(server())
    // Recorded: policy.get.not_resource.
    const Policy =
      `{"Version": "2012-10-17", "Id": "S3PolicyId1", "Statement": [{"Sid": "IPAllow", "Effect": "Allow", ` +
      `"Principal": "*", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::${Bucket}/ä/*"}]}\n\t`
    await server().s3().send(new PutBucketPolicyCommand({ Bucket, Policy }))
    for (const round of [1, 2]) {
      const answer = await get(Bucket)
      expect(answer, `round ${round}`).toMatchObject({ status: 200, text: Policy })
      expect(answer.headers['content-type']).toBe('application/json')
      expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(Policy)))
      await server().restart()
    }
    expect((await server().s3().send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy)
  })

  it('tells where there is none', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await get(Bucket))).toBe('404 NoSuchBucketPolicy')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
    await usePolicy(server(), Bucket, statementOn(Bucket))
    expect(verdict(await get(Bucket))).toBe('200')
  })

  it('is for the owner, whatever the policy denies, and for whom the policy names', async () => {
    const Bucket = await createBucket(server())
    await usePolicy(server(), Bucket, statementOn(Bucket))
    // Recorded: policy.get.by_other.
    expect(verdict(await get(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    const named = { Principal: { AWS: 'alt' }, Action: 's3:GetBucketPolicy', Resource: `arn:aws:s3:::${Bucket}` }
    await usePolicy(server(), Bucket, statementOn(Bucket, named))
    expect(verdict(await get(Bucket, { as: 'alt' }))).toBe('200')
    expect(verdict(await get(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    const all = { Effect: 'Deny', Action: '*', Resource: '*' }
    await usePolicy(server(), Bucket, statementOn(Bucket, all))
    expect(verdict(await get(Bucket))).toBe('200')
    expect(verdict(await get(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    const own = await createBucket(server(), { user: 'alt' })
    expect((await putPolicy(server(), own, { body: policyOf(statementOn(own, all)), as: 'alt' })).status).toBe(204)
    expect(verdict(await get(own, { as: 'alt' }))).toBe('200')
  })
})
