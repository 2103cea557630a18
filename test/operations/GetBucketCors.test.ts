import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const ROOT = '<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
const RULES =
  '<CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://b</AllowedOrigin>' +
  '<AllowedOrigin>http://a</AllowedOrigin></CORSRule></CORSConfiguration>'

async function get(server: TestServer, name: string, request: TestRequest = {}) {
  return server.request('GET', `/${name}`, { query: { cors: undefined }, ...request })
}

async function withRules(server: TestServer): Promise<string> {
  const name = await createBucket(server, { acl: 'public-read' })
  const answer = await server.request('PUT', `/${name}`, { query: { cors: undefined }, body: ROOT + RULES })
  expect(answer.status).toBe(200)
  return name
}

describe('GetBucketCors', () => {
  const server = useServer()

  it('prints the rules as RGW does', async () => {
    const answer = await get(server(), await withRules(server()))
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.text).toBe(
      `${ROOT}<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>` +
        '<AllowedOrigin>http://a</AllowedOrigin><AllowedOrigin>http://b</AllowedOrigin></CORSRule></CORSConfiguration>',
    )
  })

  it('has none before they are put', async () => {
    const name = await createBucket(server())
    expect(verdict(await get(server(), name))).toBe('404 NoSuchCORSConfiguration')
  })

  it('is for the owner alone', async () => {
    const name = await withRules(server())
    expect(verdict(await get(server(), name))).toBe('200')
    expect(verdict(await get(server(), name, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), name, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

describe('GetBucketCors in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('prints the rules as they were put', async () => {
    const name = await createBucket(server())
    await server().request('PUT', `/${name}`, { query: { cors: undefined }, body: ROOT + RULES })
    expect((await get(server(), name)).text).toBe(`<?xml version="1.0" encoding="UTF-8"?>${ROOT}${RULES}`)
  })
})
