import { PutBucketPolicyCommand, PutPublicAccessBlockCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { policyOf, putPolicy, statementOn, usePolicy } from '../support/policies.ts'
import { type TestServer, uniqueName, useServer } from '../support/server.ts'

async function stored(server: TestServer, bucket: string): Promise<string | undefined> {
  const { status, text } = await server.request('GET', `/${bucket}`, { query: { policy: undefined } })
  return status === 200 ? text : undefined
}

function message(text: string): string | undefined {
  return /<Message>(.*?)<\/Message>/s.exec(text)?.[1]
}

describe('PutBucketPolicy', () => {
  const server = useServer()

  it('takes the manual’s example, and replaces it', async () => {
    const Bucket = await createBucket(server())
    const Resource = [`arn:aws:s3:::${Bucket}/*`]
    const Action = ['s3:PutObject', 's3:PutObjectAcl']
    const Policy = policyOf({ Sid: 'id-1', Effect: 'Allow', Principal: '*', Action, Resource })
    const { $metadata } = await server().s3().send(new PutBucketPolicyCommand({ Bucket, Policy }))
    expect($metadata.httpStatusCode).toBe(204)
    expect(await stored(server(), Bucket)).toBe(Policy)
    const hotlinks = { StringLike: { 'aws:Referer': ['http://www.example.com/*'] } }
    const second = JSON.stringify({ Version: '2006-03-01', Statement: [statementOn(Bucket, { Condition: hotlinks })] })
    expect(await putPolicy(server(), Bucket, { body: second })).toMatchObject({ status: 204, text: '' })
    expect(await stored(server(), Bucket)).toBe(second)
  })

  it.each<readonly [string, string | undefined]>([
    ['', 'The policy is not valid JSON: a value is expected at line 1, column 1'],
    ['{"Statement":[]}', 'Statement must not be empty'],
    [policyOf(statementOn('b'), statementOn('b', { Effect: 'Perhaps' })), 'Statement 2: Effect must be Allow or Deny'],
    [
      policyOf(statementOn('b', { Action: 's3:Frobnicate' })),
      'Statement 1: Policy has invalid action: there is no action "s3:Frobnicate"',
    ],
    [policyOf(statementOn('b', { Sid: 'x'.repeat(25_000) })), 'The policy is larger than 20480 bytes'],
  ])('refuses %j, says why, and changes nothing', async (body, expected) => {
    const Bucket = await createBucket(server())
    await usePolicy(server(), Bucket, statementOn(Bucket))
    const before = await stored(server(), Bucket)
    const answer = await putPolicy(server(), Bucket, { body })
    expect(verdict(answer)).toBe('400 MalformedPolicy')
    expect(message(answer.text)?.replaceAll('&quot;', '"')).toBe(expected)
    expect(await stored(server(), Bucket)).toBe(before)
  })

  it('refuses bytes that are no text, and more than any policy has', async () => {
    const Bucket = await createBucket(server())
    const put = async (body: Buffer) =>
      verdict(await server().request('PUT', `/${Bucket}`, { query: { policy: undefined }, body }))
    expect(await put(Buffer.from([0x7b, 0xff, 0x7d]))).toBe('400 MalformedPolicy')
    expect(await put(Buffer.alloc(1024 * 1024, 0x20))).toBe('400 MaxMessageLengthExceeded')
    expect(await put(Buffer.from(policyOf(statementOn(Bucket, { Sid: 'ä' }))))).toBe('204')
  })

  it('is for the owner, whatever the policy denies, and for whom the policy names', async () => {
    const Bucket = await createBucket(server())
    const body = policyOf(statementOn(Bucket))
    // Recorded: policy.put.by_other, policy.put.missing_bucket.
    expect(verdict(await putPolicy(server(), Bucket, { body, as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await putPolicy(server(), Bucket, { body, as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await putPolicy(server(), uniqueName('none'), { body }))).toBe('404 NoSuchBucket')
    const named = { Principal: { AWS: 'alt' }, Action: 's3:PutBucketPolicy', Resource: `arn:aws:s3:::${Bucket}` }
    await usePolicy(server(), Bucket, statementOn(Bucket, named))
    expect(verdict(await putPolicy(server(), Bucket, { body, as: 'alt' }))).toBe('204')
    const own = await createBucket(server(), { user: 'alt' })
    const deny = policyOf(statementOn(own, { Effect: 'Deny', Action: '*', Resource: '*' }))
    for (const text of [deny, policyOf(statementOn(own))]) {
      const headers = { 'x-amz-confirm-remove-self-bucket-access': 'true' }
      expect(verdict(await putPolicy(server(), own, { body: text, headers, as: 'alt' }))).toBe('204')
    }
  })

  it('refuses a public policy where the bucket blocks those', async () => {
    const Bucket = await createBucket(server())
    const block = (BlockPublicPolicy: boolean) => ({
      BlockPublicPolicy,
      BlockPublicAcls: false,
      IgnorePublicAcls: false,
      RestrictPublicBuckets: false,
    })
    const put = async (given: object) =>
      verdict(await putPolicy(server(), Bucket, { body: policyOf(statementOn(Bucket, given)) }))
    const send = (on: boolean) =>
      server()
        .s3()
        .send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block(on) }))
    await send(true)
    expect(await put({})).toBe('403 AccessDenied')
    expect(await put({ Principal: { AWS: 'alt' } })).toBe('204')
    await send(false)
    expect(await put({})).toBe('204')
  })
})

describe.each<readonly [DialectName, string, string]>([
  // Recorded: policy.put.bad_effect, policy.put.unknown_user, policy.put.no_principal, policy.put.version_2006_vendor.
  ['rgw', '400 InvalidArgument', '204'],
  ['aws', '400 MalformedPolicy', '400 MalformedPolicy'],
  ['ibm-cos', '400 MalformedPolicy', '400 MalformedPolicy'],
])('PutBucketPolicy in the dialect %s', (dialect, malformed, lenient) => {
  const server = useServer({ config: { dialect } })

  it('refuses what its provider refuses', async () => {
    const Bucket = await createBucket(server())
    const put = async (given: object) =>
      verdict(
        await putPolicy(server(), Bucket, {
          body: policyOf(statementOn(Bucket, { Principal: { AWS: 'alt' }, ...given })),
        }),
      )
    expect(await put({})).toBe('204')
    expect(await put({ Effect: 'Perhaps' })).toBe(malformed)
    expect(await put({ Action: 's3:Frobnicate' })).toBe(malformed)
    const old = JSON.stringify({ Version: '2006-03-01', Statement: [statementOn(Bucket)] })
    expect(verdict(await putPolicy(server(), Bucket, { body: old }))).toBe(malformed)
    expect(await put({ Principal: undefined })).toBe(lenient)
    expect(await put({ Principal: { AWS: 'notanarn' } })).toBe(lenient)
    expect(await put({ Principal: { AWS: 'arn:aws:iam:::user/nobody-here' } })).toBe(lenient)
    expect(await put({ Resource: 'arn:aws:s3:::some-other-bucket/*' })).toBe(lenient)
    expect(await put({ Action: 's3:ListBucket' })).toBe(lenient)
    expect(await put({ Condition: { StringEquals: { 's3:made-up': 'x' } } })).toBe(lenient)
    expect(await put({ Condition: { NumericLessThan: { 's3:max-keys': 'ten' } } })).toBe(lenient)
  })
})
