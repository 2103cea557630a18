// Encryption beside what else there is: policies that ask for it, websites, forms, presigned URLs.
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey, encryptionDocument, putEncryption } from '../support/encryption.ts'
import { policyOf, post, signFormV2 } from '../support/form.ts'
import { useServer } from '../support/server.ts'
import { presignV4 } from '../support/sign.ts'

const SSE = 'x-amz-server-side-encryption'
const server = useServer()
const mine = customerKey()

describe('a policy', () => {
  it('refuses writes that are not encrypted as it asks', async () => {
    const bucket = await createBucket(server())
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/*` },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucket}/*`,
          Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } },
        },
      ],
    }
    const set = await server().request('PUT', `/${bucket}`, {
      query: { policy: undefined },
      body: JSON.stringify(policy),
    })
    expect(set.status).toBeLessThan(300)
    const put = async (headers: Record<string, string>) =>
      verdict(await server().request('PUT', `/${bucket}/k`, { headers, body: 'x', as: 'alt' }))
    expect(await put({})).toBe('403 AccessDenied')
    expect(await put(mine.headers)).toBe('403 AccessDenied')
    expect(await put({ [SSE]: 'AES256' })).toBe('200')
  })
})

describe('a form', () => {
  it('is encrypted as its bucket says, and as it says itself', async () => {
    const bucket = await createBucket(server())
    await putEncryption(server(), bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })
    const fields = (key: string, more: readonly (readonly [string, string])[] = []) => {
      const conditions = [{ bucket }, { key }, ...more.map(([name, value]) => ({ [name]: value }))]
      return [['key', key], ...more, ...signFormV2(policyOf(conditions), server().root)] as const
    }
    const posted = await post(server(), bucket, { fields: fields('a'), file: 'by default' })
    expect([posted.status, posted.headers[SSE]]).toEqual([204, 'AES256'])
    const own = await post(server(), bucket, { fields: fields('b', Object.entries(mine.headers)), file: 'with a key' })
    expect([own.status, own.headers[`${SSE}-customer-algorithm`]]).toEqual([204, 'AES256'])
    expect((await server().request('GET', `/${bucket}/a`)).text).toBe('by default')
    expect((await server().request('GET', `/${bucket}/b`)).status).toBe(400)
    expect((await server().request('GET', `/${bucket}/b`, { headers: mine.headers })).text).toBe('with a key')
    const half = await post(server(), bucket, { fields: fields('c', [[SSE, 'rot13']]), file: 'x' })
    expect(verdict(half)).toBe('400 InvalidArgument')
    expect((await server().request('GET', `/${bucket}/c`)).status).toBe(404)
  })
})

describe('a website', () => {
  it('shows what is encrypted by the server, and cannot show what a customer’s key hides', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    const website =
      '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>'
    await server().request('PUT', `/${bucket}`, { query: { website: undefined }, body: website })
    const put = (key: string, headers: Record<string, string>) =>
      server().request('PUT', `/${bucket}/${key}`, { headers: { ...headers, 'x-amz-acl': 'public-read' }, body: key })
    await put('open.html', { [SSE]: 'AES256' })
    await put('hidden.html', mine.headers)
    const asVisitor = (key: string) =>
      server().request('GET', `/${key}`, { as: 'anonymous', headers: { host: `${bucket}.website.localhost` } })
    expect((await asVisitor('open.html')).text).toBe('open.html')
    expect((await asVisitor('hidden.html')).status).toBe(400)
  })
})

describe('a presigned URL', () => {
  it('may bear the headers of encryption', async () => {
    const bucket = await createBucket(server())
    const host = `127.0.0.1:${server().port}`
    const path = `/${bucket}/k`
    const put = presignV4({ method: 'PUT', url: { host, path }, headers: { [SSE]: 'AES256' } }, server().root)
    const answer = await fetch(`${server().url}${put.target}`, {
      method: 'PUT',
      headers: { [SSE]: 'AES256' },
      body: 'x',
    })
    expect([answer.status, answer.headers.get(SSE)]).toEqual([200, 'AES256'])
  })
})
