import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { IdSource } from '../../src/lib/ids.ts'
import { bucketWithCors, corsOf, ORIGIN, ruleFor } from '../support/browser.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { FORM_TYPE, formBody, signedV4 } from '../support/form.ts'
import { startTestServer, type TestServer, uniqueName, useServer } from '../support/server.ts'

const HEADERS = '<AllowedHeader>content-type</AllowedHeader><AllowedHeader>x-amz-meta-*</AllowedHeader>'
const MORE = `${HEADERS}<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>30</MaxAgeSeconds>`

async function preflight(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const sent = { origin: ORIGIN, 'access-control-request-method': 'PUT', ...headers }
  return server.request('OPTIONS', path, { as: 'anonymous', headers: sent })
}

describe('a preflight request', () => {
  const server = useServer()

  it('is told what the rule allows', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['GET', 'PUT'], MORE)])
    const answer = await preflight(server(), `/${name}/k`, {
      'access-control-request-headers': 'X-Amz-Meta-A, content-type,',
    })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-length': '0' } })
    expect(corsOf(answer)).toEqual({
      'allow-origin': ORIGIN,
      vary: 'Origin',
      'allow-methods': 'PUT',
      'allow-headers': 'X-Amz-Meta-A,content-type',
      'expose-headers': 'ETag',
      'max-age': '30',
    })
  })

  it('is answered for every path, whatever stands in its query', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT', 'POST'])])
    const host = `${name}.localhost:${server().port}`
    const presigned = '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=nobody&X-Amz-Signature=0'
    const targets: [path: string, headers: Record<string, string>][] = [
      [`/${name}`, {}],
      [`/${name}/`, { 'access-control-request-method': 'POST' }],
      [`/${name}/a/b%2Fc`, {}],
      [`/${name}/none`, {}],
      [`/${name}/k${presigned}`, {}],
      [`/${name}/k?uploadId=1&partNumber=1`, {}],
      [`/${name}/k?Signature=x&Expires=1&AWSAccessKeyId=x`, {}],
      ['/', { host }],
      ['/k', { host }],
      [`/${name}/k`, { authorization: 'AWS4-HMAC-SHA256 junk' }],
    ]
    for (const [path, headers] of targets) {
      const answer = await preflight(server(), path, headers)
      expect([path, answer.status, answer.headers['access-control-allow-origin']]).toEqual([path, 200, ORIGIN])
    }
  })

  it('is refused where no rule allows it, beside a like one that is not', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT'], HEADERS)])
    const refused: Record<string, string>[] = [
      { origin: 'https://other.example' },
      { origin: 'http://page.example' },
      { origin: 'null' },
      { 'access-control-request-method': 'DELETE' },
      { 'access-control-request-method': 'PATCH' },
      { 'access-control-request-method': 'put' },
      { 'access-control-request-headers': 'content-type,authorization' },
    ]
    for (const headers of refused) {
      const answer = await preflight(server(), `/${name}/k`, headers)
      expect([headers, verdict(answer)]).toEqual([headers, '403 AccessDenied'])
      expect(corsOf(answer)).toEqual({})
    }
    const headers = { 'access-control-request-headers': 'content-type,x-amz-meta-a' }
    expect(verdict(await preflight(server(), `/${name}/k`, headers))).toBe('200')
  })

  it('is refused in a bucket without rules, and where there is no bucket', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(verdict(await preflight(server(), `/${name}/k`))).toBe('403 AccessDenied')
    expect(verdict(await preflight(server(), `/${uniqueName('none')}/k`))).toBe('404 NoSuchBucket')
    expect(verdict(await preflight(server(), '/'))).toBe('405 MethodNotAllowed')
  })

  it('needs both of its headers', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT'])])
    const options = (headers: Record<string, string>) =>
      server().request('OPTIONS', `/${name}/k`, { as: 'anonymous', headers })
    expect(verdict(await options({ origin: ORIGIN }))).toBe('400 InvalidArgument')
    expect(verdict(await options({ 'access-control-request-method': 'PUT' }))).toBe('400 InvalidArgument')
    expect(verdict(await options({ origin: ORIGIN, 'access-control-request-method': 'PUT' }))).toBe('200')
  })

  it('may bear a body, which nobody reads', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT'])])
    const headers = { origin: ORIGIN, 'access-control-request-method': 'PUT', 'content-length': '5' }
    expect((await server().request('OPTIONS', `/${name}/k`, { as: 'anonymous', headers, body: 'hello' })).status).toBe(
      200,
    )
  })
})

describe('the answer to a page of another origin', () => {
  const server = useServer({ config: { logLevel: 'info' } })
  const sent = { origin: ORIGIN }
  const told = {
    'allow-origin': ORIGIN,
    vary: 'Origin',
    'allow-methods': 'GET',
    'expose-headers': 'ETag',
    'max-age': '30',
  }

  it('bears the rule’s headers, be it a success or an error', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['GET'], MORE)])
    const { headers: put } = await server().request('PUT', `/${name}/k`, { body: 'hello' })
    await server().request('PUT', `/${name}/large`, { body: randomBytes(300_000) })
    const nobody = { id: 'nobody', accessKey: 'NOBODY', secretKey: 'none' }
    const asked: [status: number, path: string, more: object][] = [
      [200, `/${name}/k`, {}],
      [206, `/${name}/k`, { headers: { ...sent, range: 'bytes=1-2' } }],
      [304, `/${name}/k`, { headers: { ...sent, 'if-none-match': String(put['etag']) } }],
      [200, `/${name}/large`, {}],
      [200, `/${name}`, {}],
      [404, `/${name}/none`, {}],
      [403, `/${name}/k`, { as: 'anonymous' }],
      [403, `/${name}/k`, { as: 'alt' }],
      [403, `/${name}/k`, { as: nobody }],
      [400, `/${name}/k`, { as: 'anonymous', headers: { ...sent, authorization: 'junk' } }],
      [412, `/${name}/k`, { headers: { ...sent, 'if-match': '"other"' } }],
      [416, `/${name}/k`, { headers: { ...sent, range: 'bytes=9-' } }],
      [501, `/${name}/k`, { query: { torrent: undefined } }],
    ]
    for (const [status, path, more] of asked) {
      const answer = await server().request('GET', path, { headers: sent, ...more })
      expect([path, answer.status, corsOf(answer)]).toEqual([path, status, told])
    }
  })

  it('bears those of its own method', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT', 'DELETE']), ruleFor(['HEAD'], MORE)])
    expect(corsOf(await server().request('PUT', `/${name}/k`, { headers: sent, body: 'x' }))['allow-methods']).toBe(
      'PUT',
    )
    expect(corsOf(await server().request('HEAD', `/${name}/k`, { headers: sent }))).toEqual({
      ...told,
      'allow-methods': 'HEAD',
    })
    expect(corsOf(await server().request('GET', `/${name}/k`, { headers: sent }))).toEqual({ vary: 'Origin' })
    // The rules are gone with the bucket, but the page must still hear of it.
    await server().request('DELETE', `/${name}/k`)
    const deleted = await server().request('DELETE', `/${name}`, { headers: sent })
    expect([deleted.status, corsOf(deleted)['allow-origin']]).toEqual([204, ORIGIN])
  })

  it('bears none where no rule matches, and caches are told', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['GET'])], { acl: 'public-read' })
    const list = (headers: Record<string, string>) => server().request('GET', `/${name}`, { as: 'anonymous', headers })
    expect(corsOf(await list({ origin: 'https://other.example' }))).toEqual({ vary: 'Origin' })
    expect(corsOf(await list({}))).toEqual({ vary: 'Origin' })
    expect(corsOf(await list(sent))['allow-origin']).toBe(ORIGIN)
    const plain = await createBucket(server(), { acl: 'public-read' })
    expect(corsOf(await server().request('GET', `/${plain}`, { headers: sent }))).toEqual({})
    expect(corsOf(await server().request('GET', `/${uniqueName('none')}`, { headers: sent }))).toEqual({})
    expect(corsOf(await server().request('GET', '/', { headers: sent }))).toEqual({})
  })

  it('names an origin beyond ASCII as it came', async () => {
    const name = await bucketWithCors(server(), ['<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>'])
    const origin = 'https://ä.example'
    const answer = await server().request('GET', `/${name}`, { headers: { origin } })
    const asked = await preflight(server(), `/${name}`, { origin, 'access-control-request-method': 'GET' })
    for (const { headers } of [answer, asked]) {
      expect(Buffer.from(String(headers['access-control-allow-origin']), 'latin1').toString()).toBe(origin)
    }
  })

  it('bears them for a form, whatever becomes of it', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['POST'])])
    const headers = { ...sent, 'content-type': FORM_TYPE }
    const post = (body: Buffer | string) => server().request('POST', `/${name}`, { as: 'anonymous', headers, body })
    const stored = await post(formBody({ fields: signedV4(server(), name, [['key', 'k']]) }))
    expect([verdict(stored), corsOf(stored)['allow-origin']]).toEqual(['204', ORIGIN])
    const denied = await post(formBody({ fields: [['key', 'k']] }))
    expect([verdict(denied), corsOf(denied)['allow-origin']]).toEqual(['403 AccessDenied', ORIGIN])
    const junk = await post('junk')
    expect([junk.status, corsOf(junk)['allow-origin']]).toEqual([400, ORIGIN])
  })

  it('bears them when the server fails, too', async () => {
    let broken = false
    const bytes = (count: number): Buffer => {
      if (broken) throw new Error('the generator is broken')
      return randomBytes(count)
    }
    const own = await startTestServer({ overrides: { ids: new IdSource({ bytes }) } })
    try {
      const name = await bucketWithCors(own, [ruleFor(['POST'])])
      broken = true
      const query = { uploads: undefined }
      const answer = await own.request('POST', `/${name}/k`, { query, headers: sent })
      expect([answer.status, corsOf(answer)['allow-origin']]).toEqual([500, ORIGIN])
    } finally {
      await own.stop()
    }
  })

  it('is logged as the operation that it was, and a preflight request as none', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT'])])
    const ids = [await preflight(server(), `/${name}/k`), await preflight(server(), `/${name}/k`, { origin: 'x' })]
    const lines = ids.map(({ headers }) => {
      const line = server().logLines.find((text) => text.includes(String(headers['x-amz-request-id']))) ?? '{}'
      const { operation, bucket, status, code } = JSON.parse(line)
      return { operation, bucket, status, code }
    })
    expect(lines).toEqual([
      { operation: undefined, bucket: name, status: 200, code: undefined },
      { operation: undefined, bucket: name, status: 403, code: 'AccessDenied' },
    ])
  })
})

describe('in the dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('answers that no rule matched do not vary', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['GET'])])
    const headers = { origin: 'https://other.example' }
    expect(corsOf(await server().request('GET', `/${name}`, { headers }))).toEqual({})
    expect(corsOf(await server().request('GET', `/${name}`))).toEqual({})
    expect(corsOf(await server().request('GET', `/${name}`, { headers: { origin: ORIGIN } }))['vary']).toBe('Origin')
  })
})

describe('in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

  it('origins that are let in by name may send credentials, all others may not', async () => {
    const named = await bucketWithCors(server(), [ruleFor(['GET', 'PUT'], HEADERS)])
    const headers = { 'access-control-request-headers': 'content-type, x-amz-meta-a' }
    const expected = { 'allow-origin': ORIGIN, 'allow-methods': 'GET, PUT', 'allow-credentials': 'true', vary }
    expect(corsOf(await preflight(server(), `/${named}/k`, headers))).toEqual({
      ...expected,
      'allow-headers': 'content-type, x-amz-meta-a',
    })
    expect(corsOf(await server().request('GET', `/${named}/k`, { headers: { origin: ORIGIN } }))).toEqual(expected)
    const all = '<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>'
    const open = await bucketWithCors(server(), [all])
    expect(corsOf(await preflight(server(), `/${open}/k`))).toEqual({
      'allow-origin': '*',
      'allow-methods': 'PUT',
      vary,
    })
  })

  it('has AWS’s errors', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['PUT'])])
    const answer = await preflight(server(), `/${name}/k`, { origin: 'https://other.example' })
    expect(verdict(answer)).toBe('403 AccessForbidden')
    expect(answer.text).toContain('<Method>PUT</Method><ResourceType>OBJECT</ResourceType>')
    const options = (headers: Record<string, string>) =>
      server().request('OPTIONS', `/${name}/k`, { as: 'anonymous', headers })
    expect(verdict(await options({}))).toBe('400 BadRequest')
    expect(verdict(await options({ origin: ORIGIN }))).toBe('400 BadRequest')
    expect(verdict(await preflight(server(), `/${name}/k`))).toBe('200')
  })
})
