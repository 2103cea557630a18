import { GetBucketCorsCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const RULE = '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>'
const cors = (inside: string): string => `<CORSConfiguration>${inside}</CORSConfiguration>`

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query: { cors: undefined }, ...request }))
}

async function rulesOf(server: TestServer, name: string): Promise<string> {
  return (await server.request('GET', `/${name}`, { query: { cors: undefined } })).text
}

describe('PutBucketCors', () => {
  const server = useServer()

  it('keeps the manual’s example, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    const CORSRules = [
      {
        AllowedHeaders: ['*'],
        AllowedMethods: ['PUT', 'POST', 'DELETE', 'HEAD', 'GET'],
        AllowedOrigins: ['http://127.0.0.1:5500'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 30,
      },
    ]
    await server()
      .s3()
      .send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
    await server().restart()
    const read = await server().s3().send(new GetBucketCorsCommand({ Bucket }))
    // RGW keeps methods as a set.
    const [rule] = CORSRules
    expect(read.CORSRules).toEqual([{ ...rule, AllowedMethods: ['GET', 'PUT', 'DELETE', 'HEAD', 'POST'] }])
  })

  it('answers with a type and no body, and replaces what was there', async () => {
    const name = await createBucket(server())
    const answer = await server().request('PUT', `/${name}`, { query: { cors: undefined }, body: cors(RULE) })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
    expect(await put(server(), name, { body: cors(RULE.replace('GET', 'PUT')) })).toBe('200')
    expect(await rulesOf(server(), name)).toContain('<AllowedMethod>PUT</AllowedMethod>')
    expect(await rulesOf(server(), name)).not.toContain('<AllowedMethod>GET</AllowedMethod>')
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<CORSConf', '400 MalformedXML'],
    [cors(''), '400 MalformedXML'],
    [cors(RULE.replace('GET', 'PATCH')), '400 MalformedXML'],
    [cors(RULE.repeat(101)), '400 InvalidRequest'],
    [cors(`${RULE}<!--${' '.repeat(64 * 1024)}-->`), '400 MaxMessageLengthExceeded'],
  ])('refuses %j and changes nothing', async (body, expected) => {
    const name = await createBucket(server())
    expect(await put(server(), name, { body: cors(RULE) })).toBe('200')
    const before = await rulesOf(server(), name)
    expect(await put(server(), name, { body })).toBe(expected)
    expect(await rulesOf(server(), name)).toBe(before)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), name, { body: cors(RULE), as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), name, { body: cors(RULE), as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body: cors(RULE) })).toBe('404 NoSuchBucket')
    expect(await put(server(), name, { body: cors(RULE) })).toBe('200')
  })

  it('is held against its digest', async () => {
    const name = await createBucket(server())
    const headers = { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    expect(await put(server(), name, { body: cors(RULE), headers })).toBe('400 BadDigest')
    expect(await put(server(), name, { body: cors(RULE) })).toBe('200')
  })
})

describe('PutBucketCors in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors', async () => {
    const name = await createBucket(server())
    const query = { cors: undefined }
    const answer = await server().request('PUT', `/${name}`, { query, body: cors(RULE.replace('GET', 'PATCH')) })
    expect(verdict(answer)).toBe('400 InvalidRequest')
    expect(answer.text).toContain('Found unsupported HTTP method in CORS config. Unsupported method is PATCH')
    expect(await put(server(), name, { body: cors('<CORSRule/>') })).toBe('400 MalformedXML')
    expect(await put(server(), name, { body: cors(RULE) })).toBe('200')
  })
})
