import { GetBucketLoggingCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { LOGGING_OFF, loggingTo, NAMESPACE, putLogging } from '../support/access-log.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const get = (server: TestServer, name: string, request: TestRequest = {}) =>
  server.request('GET', `/${name}`, { query: { logging: undefined }, ...request })

describe('GetBucketLogging', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('is empty without a log, as RGW answers', async () => {
    const name = await createBucket(server())
    const answer = await get(server(), name)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    expect(answer.text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><BucketLoggingStatus xmlns="${NAMESPACE}"></BucketLoggingStatus>`,
    )
    const read = await server()
      .s3()
      .send(new GetBucketLoggingCommand({ Bucket: name }))
    expect(read.LoggingEnabled).toBeUndefined()
  })

  it('answers what was put, until it is switched off', async () => {
    const [name, target] = [await createBucket(server()), await createBucket(server())]
    const grantee =
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>alt</ID></Grantee>'
    const more =
      `<TargetGrants><Grant>${grantee}<Permission>READ</Permission></Grant></TargetGrants>` +
      '<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>'
    expect(await putLogging(server(), name, { body: loggingTo(target, { prefix: ' a/&amp;', more }) })).toBe('200')
    const read = await server()
      .s3()
      .send(new GetBucketLoggingCommand({ Bucket: name }))
    expect(read.LoggingEnabled).toEqual({
      TargetBucket: target,
      TargetPrefix: ' a/&',
      TargetGrants: [{ Grantee: { ID: 'alt', DisplayName: 'alt', Type: 'CanonicalUser' }, Permission: 'READ' }],
      TargetObjectKeyFormat: { SimplePrefix: {} },
    })
    expect(await putLogging(server(), name, { body: LOGGING_OFF })).toBe('200')
    expect((await get(server(), name)).text).not.toContain('LoggingEnabled')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(verdict(await get(server(), name, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), name, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await get(server(), name))).toBe('200')
  })
})
