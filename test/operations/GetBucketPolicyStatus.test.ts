import { DeletePublicAccessBlockCommand, GetBucketPolicyStatusCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { statementOn, usePolicy } from '../support/policies.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

async function isPublic(server: TestServer, Bucket: string): Promise<boolean | undefined> {
  return (await server.s3().send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic
}

const NARROW = { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }

describe('GetBucketPolicyStatus', () => {
  const server = useServer()
  const get = (bucket: string, request: TestRequest = {}) =>
    server().request('GET', `/${bucket}`, { query: { policyStatus: undefined }, ...request })

  it('tells whether the policy is public, as recorded', async () => {
    const Bucket = await createBucket(server())
    const text = (value: boolean): string =>
      '<?xml version="1.0" encoding="UTF-8"?><PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<IsPublic>${value}</IsPublic></PolicyStatus>`
    // Recorded: policy.status.none, policy.status.public.
    expect(await get(Bucket)).toMatchObject({ status: 200, text: text(false) })
    await usePolicy(server(), Bucket, statementOn(Bucket))
    expect(await get(Bucket)).toMatchObject({ status: 200, text: text(true) })
    await usePolicy(server(), Bucket, statementOn(Bucket, NARROW))
    expect(await isPublic(server(), Bucket)).toBe(false)
  })

  it('counts the ACL, as RGW does', async () => {
    expect(await isPublic(server(), await createBucket(server(), { acl: 'public-read' }))).toBe(true)
    expect(await isPublic(server(), await createBucket(server(), { acl: 'private' }))).toBe(false)
  })

  it('is for the owner, and for whom the policy names', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await get(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
    const named = { Principal: { AWS: 'alt' }, Action: 's3:GetBucketPolicyStatus', Resource: `arn:aws:s3:::${Bucket}` }
    await usePolicy(server(), Bucket, statementOn(Bucket, named))
    expect(verdict(await get(Bucket, { as: 'alt' }))).toBe('200')
  })
})

describe('GetBucketPolicyStatus in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has nothing to tell without a policy', async () => {
    const Bucket = await createBucket(server())
    const answer = await server().request('GET', `/${Bucket}`, { query: { policyStatus: undefined } })
    expect(verdict(answer)).toBe('404 NoSuchBucketPolicy')
    await server().s3().send(new DeletePublicAccessBlockCommand({ Bucket }))
    await usePolicy(server(), Bucket, statementOn(Bucket))
    expect(await isPublic(server(), Bucket)).toBe(true)
  })
})
