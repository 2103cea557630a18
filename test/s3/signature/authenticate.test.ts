import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe, expect, it } from 'vitest'
import { Authenticator } from '../../../src/s3/signature/authenticate.ts'
import { amzDate, presignV2, presignV4, signV2, signV4 } from '../../support/sign.ts'
import {
  codeOf,
  EXAMPLE_KEY,
  errorOf,
  exampleAccounts,
  type SentHead,
  SUSPENDED_KEY,
  wireHead,
} from '../../support/wire-head.ts'

const NOW = Date.parse('2026-02-03T04:05:06Z')
const DATE = new Date(NOW)
const MINUTE = 60_000
const url = { host: 'h', path: '/b/k' }
const get = { method: 'GET', url }

function at(nowMs: number, options: { refusesFutureUrls?: boolean } = {}) {
  const authenticator = new Authenticator({ accounts: exampleAccounts(), clock: { now: () => nowMs }, ...options })
  return (sent: SentHead) => authenticator.authenticate(wireHead(sent))
}

const now = at(NOW)

describe('time', () => {
  it.each([
    ['SigV4', signV4(get, EXAMPLE_KEY, { date: DATE })],
    ['SigV4 with Date', signV4(get, EXAMPLE_KEY, { date: DATE, useDateHeader: true })],
    ['SigV2', signV2(get, EXAMPLE_KEY, { date: DATE })],
    ['SigV2 with x-amz-date', signV2(get, EXAMPLE_KEY, { date: DATE, useAmzDate: true })],
  ])('%s: fifteen minutes either way', (_name, headers) => {
    for (const skewMs of [-15 * MINUTE, 0, 15 * MINUTE]) at(NOW + skewMs)({ target: '/b/k', headers })
    for (const skewMs of [-15 * MINUTE - 1000, 15 * MINUTE + 1000]) {
      const error = errorOf(() => at(NOW + skewMs)({ target: '/b/k', headers }))
      expect(error.code).toBe('RequestTimeTooSkewed')
      expect(error.details['MaxAllowedSkewMilliseconds']).toBe(900_000)
    }
  })

  it('a request without a date, or with one that is none, is denied', () => {
    for (const sign of [signV4, signV2]) {
      const { 'x-amz-date': _amzDate, date: _date, ...undated } = sign(get, EXAMPLE_KEY, { date: DATE })
      expect(codeOf(() => now({ target: '/b/k', headers: undated }))).toBe('AccessDenied')
      const junk = { ...undated, 'x-amz-date': 'yesterday' }
      expect(codeOf(() => now({ target: '/b/k', headers: junk }))).toBe('AccessDenied')
    }
  })

  it('the day of a SigV4 key is the day of the request', () => {
    const midnight = Date.parse('2026-02-04T00:00:00Z')
    const headers = signV4({ ...get, headers: { 'x-amz-date': amzDate(new Date(midnight)) } }, EXAMPLE_KEY, {
      date: DATE,
    })
    // Its string to sign has another date than the one sent.
    expect(codeOf(() => at(midnight)({ target: '/b/k', headers }))).toBe('SignatureDoesNotMatch')
    now({ target: '/b/k', headers: signV4(get, EXAMPLE_KEY, { date: DATE }) })
  })

  it('a presigned SigV4 URL lives from one second to seven days', () => {
    const presign = (expiresSeconds: number) => presignV4(get, EXAMPLE_KEY, { date: DATE, expiresSeconds })
    for (const seconds of [1, 604_800]) {
      now(presign(seconds))
      at(NOW + seconds * 1000)(presign(seconds))
      const error = errorOf(() => at(NOW + seconds * 1000 + 1)(presign(seconds)))
      expect(error).toMatchObject({ code: 'AccessDenied', message: 'Request has expired' })
      expect(error.details).toHaveProperty('Expires')
      expect(error.details).toHaveProperty('ServerTime')
    }
    for (const seconds of [0, -1, 604_801, 1.5]) {
      expect(codeOf(() => now(presign(seconds)))).toBe('AuthorizationQueryParametersError')
    }
  })

  it("a presigned SigV4 URL of the future is taken, as Ceph does, unless AWS's rule is asked for", () => {
    const twoHoursEarly = at(NOW - 120 * MINUTE)
    twoHoursEarly(presignV4(get, EXAMPLE_KEY, { date: DATE }))
    const strict = { refusesFutureUrls: true }
    const error = errorOf(() => at(NOW - 120 * MINUTE, strict)(presignV4(get, EXAMPLE_KEY, { date: DATE })))
    expect(error).toMatchObject({ code: 'AccessDenied', message: 'Request is not yet valid' })
    at(NOW - 15 * MINUTE, strict)(presignV4(get, EXAMPLE_KEY, { date: DATE }))
  })

  it('a presigned SigV2 URL lives until its Expires', () => {
    const presigned = presignV2(get, EXAMPLE_KEY, { date: DATE, expiresSeconds: 60 })
    expect(now(presigned)).toMatchObject({ version: 'v2', presigned: true })
    at(NOW - 86_400_000)(presigned)
    at(NOW + 60_000)(presigned)
    const error = errorOf(() => at(NOW + 61_000)(presigned))
    expect(error).toMatchObject({ code: 'AccessDenied', message: 'Request has expired' })
    expect(error.details['Expires']).toBe('2026-02-03T04:06:06Z')
  })
})

describe('callers', () => {
  const target = '/b/k'

  it('is anonymous without any signature', () => {
    for (const headers of [[], [['authorization', '']]] as const) {
      expect(now({ target, headers })).toEqual({
        caller: { kind: 'anonymous' },
        payload: { kind: 'unsigned' },
        accessKey: undefined,
        version: undefined,
        presigned: false,
        appended: false,
      })
    }
  })

  it('knows an x-zos-process that somebody has appended to a URL', () => {
    const options = { date: DATE }
    const process = { ...get, url: { ...url, query: 'x-zos-process=image%2Finfo' } }
    const append = (sent: { target: string }) => ({ ...sent, target: `${sent.target}&x-zos-process=image/info` })
    expect(now(append(presignV4(get, EXAMPLE_KEY, options))).appended).toBe(true)
    expect(now(append(presignV2(get, EXAMPLE_KEY, options))).appended).toBe(true)
    // SigV2 does not cover the parameter: whoever signs with it, anybody can put another one in its place.
    expect(now(presignV2(process, EXAMPLE_KEY, options)).appended).toBe(true)
    expect(now(presignV4(process, EXAMPLE_KEY, options)).appended).toBe(false)
    expect(now(presignV4(get, EXAMPLE_KEY, options)).appended).toBe(false)
    expect(codeOf(() => now(append(presignV4(process, EXAMPLE_KEY, options))))).toBe('SignatureDoesNotMatch')
    const sent = { target: `${target}?x-zos-process=image%2Finfo` }
    expect(now({ ...sent, headers: signV4(process, EXAMPLE_KEY, options) }).appended).toBe(false)
    expect(now({ ...sent, headers: signV2(process, EXAMPLE_KEY, options) }).appended).toBe(false)
  })

  it('tells an unknown key and a wrong secret apart, in all four forms', () => {
    const unknown = { ...EXAMPLE_KEY, accessKey: 'UNKNOWN' }
    const wrong = { ...EXAMPLE_KEY, secretKey: 'wrong' }
    const options = { date: DATE }
    for (const [key, code] of [
      [unknown, 'InvalidAccessKeyId'],
      [wrong, 'SignatureDoesNotMatch'],
    ] as const) {
      expect(codeOf(() => now({ target, headers: signV4(get, key, options) }))).toBe(code)
      expect(codeOf(() => now({ target, headers: signV2(get, key, options) }))).toBe(code)
      expect(codeOf(() => now(presignV4(get, key, options)))).toBe(code)
      expect(codeOf(() => now(presignV2(get, key, options)))).toBe(code)
    }
    now({ target, headers: signV4(get, EXAMPLE_KEY, options) })
    now({ target, headers: signV2(get, EXAMPLE_KEY, options) })
    now(presignV4(get, EXAMPLE_KEY, options))
    now(presignV2(get, EXAMPLE_KEY, options))
  })

  it('takes a suspended account for itself, but only from who has its secret', () => {
    const guess = { ...SUSPENDED_KEY, secretKey: 'guess' }
    for (const sign of [signV4, signV2]) {
      const { caller } = now({ target, headers: sign(get, SUSPENDED_KEY, { date: DATE }) })
      expect(caller).toMatchObject({ kind: 'account', account: { suspended: true } })
      expect(codeOf(() => now({ target, headers: sign(get, guess, { date: DATE }) }))).toBe('SignatureDoesNotMatch')
    }
  })

  it.each([
    'Frobnicate abc',
    'AWS',
    'AWS abcdef',
    'AWS :',
    'AWS x:',
    'Bearer abcdef',
    'Basic dXNlcjpwYXNz',
    'AWS4-ECDSA-P256-SHA256 Credential=a/b, SignedHeaders=host, Signature=x',
  ])('refuses "%s"', (authorization) => {
    expect(codeOf(() => now({ target, headers: { authorization } }))).toBe('InvalidArgument')
  })

  it('says that bearer tokens are not served', () => {
    expect(errorOf(() => now({ target, headers: { authorization: 'bearer x' } })).message).toContain('not served')
  })
})

describe('two mechanisms', () => {
  const options = { date: DATE }

  it('lets a valid URL stand beside a header of another scheme, not beside one of AWS', () => {
    for (const presigned of [presignV4(get, EXAMPLE_KEY, options), presignV2(get, EXAMPLE_KEY, options)]) {
      for (const authorization of ['Basic dXNlcjpwYXNz', 'Bearer token', 'junk']) {
        const sent = { target: presigned.target, headers: { ...presigned.headers, authorization } }
        expect(now(sent).presigned).toBe(true)
      }
      const { authorization = '' } = signV2(get, EXAMPLE_KEY, options)
      const both = { target: presigned.target, headers: { ...presigned.headers, authorization } }
      expect(codeOf(() => now(both))).toBe('InvalidArgument')
    }
    const presigned = presignV4(get, EXAMPLE_KEY, options)
    const { authorization = '' } = signV4(get, EXAMPLE_KEY, options)
    const both = { target: presigned.target, headers: { ...presigned.headers, authorization } }
    expect(errorOf(() => now(both)).message).toContain('Only one auth mechanism allowed')
  })

  it('lets a SigV4 header stand beside a stray SigV2 query that it covers, as Ceph does', () => {
    const query = 'AWSAccessKeyId=x&Expires=1&Signature=x'
    const headers = signV4({ method: 'GET', url: { ...url, query } }, EXAMPLE_KEY, options)
    expect(now({ target: `/b/k?${query}`, headers })).toMatchObject({ version: 'v4', presigned: false })
    expect(codeOf(() => now({ target: `/b/k?${query}x`, headers }))).toBe('SignatureDoesNotMatch')
  })
})

describe('query claims with parts missing', () => {
  const without = (target: string, name: string) => target.replace(new RegExp(`[&]?${name}=[^&]*`), '')

  it('SigV4: AuthorizationQueryParametersError, which dialects of Ceph put as AccessDenied', () => {
    const { target } = presignV4(get, EXAMPLE_KEY, { date: DATE })
    for (const part of ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']) {
      const stripped = without(target, `X-Amz-${part}`).replace('?&', '?')
      expect(
        codeOf(() => now({ target: stripped, headers: { host: 'h' } })),
        part,
      ).toBe('AuthorizationQueryParametersError')
    }
    const other = target.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-MD5')
    expect(codeOf(() => now({ target: other, headers: { host: 'h' } }))).toBe('AuthorizationQueryParametersError')
    now({ target, headers: { host: 'h' } })
  })

  it('SigV4 parameters may be in lower case, as Ceph takes them', () => {
    const lower = (target: string) => target.replace(/X-Amz-[A-Za-z]+/g, (name) => name.toLowerCase())
    const { target } = presignV4(get, EXAMPLE_KEY, { date: DATE })
    // The names are signed as sent, so lowering them afterwards breaks the signature and is still understood.
    expect(codeOf(() => now({ target: lower(target), headers: { host: 'h' } }))).toBe('SignatureDoesNotMatch')
  })

  it('SigV2: InvalidArgument without a signature, AccessDenied otherwise', () => {
    const { target } = presignV2(get, EXAMPLE_KEY, { date: DATE })
    const code = (changed: string) => codeOf(() => now({ target: changed, headers: { host: 'h' } }))
    expect(code(without(target, 'Signature'))).toBe('InvalidArgument')
    expect(code(without(target, 'Expires'))).toBe('AccessDenied')
    expect(code(without(target, 'AWSAccessKeyId'))).toBe('AccessDenied')
    expect(code(target.replace(/Expires=\d+/, 'Expires=soon'))).toBe('AccessDenied')
    expect(code(target.replace(/Expires=\d+/, 'Expires=99999999999999999999'))).toBe('AccessDenied')
    now({ target, headers: { host: 'h' } })
  })
})

describe('payload', () => {
  const put = { method: 'PUT', url }
  const sent = (body: string, service = 's3', extra: Record<string, string> = {}) => ({
    method: 'PUT',
    target: '/b/k',
    headers: signV4({ ...put, body, headers: extra }, EXAMPLE_KEY, { date: DATE, service }),
  })

  it('says how the body is bound to the signature', () => {
    const hex = 'AB'.repeat(32)
    expect(now(sent(hex)).payload).toEqual({ kind: 'sha256', hex: hex.toLowerCase() })
    expect(now(sent('UNSIGNED-PAYLOAD')).payload).toEqual({ kind: 'unsigned' })
    expect(now(sent('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).payload).toEqual({ kind: 'unsigned-chunks' })
    const chunks = now(sent('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')).payload
    expect(chunks).toMatchObject({ kind: 'signed-chunks', trailer: false })
    const trailer = now(sent('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER')).payload
    expect(trailer).toMatchObject({ kind: 'signed-chunks', trailer: true })
    expect(codeOf(() => now(sent('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD')))).toBe('NotImplemented')
    expect(codeOf(() => now(sent('abc')))).toBe('InvalidArgument')
  })

  it('is unsigned without the header, as Ceph reads it, for any service but SNS', () => {
    const options = { date: DATE, sendHash: false }
    const unsigned = signV4({ ...put, body: 'UNSIGNED-PAYLOAD' }, EXAMPLE_KEY, options)
    expect(now({ method: 'PUT', target: '/b/k', headers: unsigned }).payload).toEqual({ kind: 'unsigned' })
    const hashed = signV4({ ...put, body: Buffer.alloc(0) }, EXAMPLE_KEY, options)
    expect(codeOf(() => now({ method: 'PUT', target: '/b/k', headers: hashed }))).toBe('SignatureDoesNotMatch')
  })

  it('of a form to SNS is proved by its hash alone', () => {
    const form = Buffer.from('Action=ListTopics&Version=2010-03-31')
    const options = { date: DATE, service: 'sns', sendHash: false }
    const extra = { 'content-length': String(form.length) }
    const root = { host: 'h', path: '/' }
    const headers = signV4({ method: 'POST', url: root, body: form, headers: extra }, EXAMPLE_KEY, options)
    const { payload } = now({ method: 'POST', target: '/', headers })
    if (payload.kind !== 'body-hash-signed') throw new Error(payload.kind)
    const sha256 = '4f2b96a4b8a06a2e2d1b0e5aa2f5c5d1f6b4e1c5a3d2e1f0c9b8a7968574635f'
    expect(codeOf(() => payload.verify(sha256))).toBe('SignatureDoesNotMatch')
    // To a bucket nothing waits for the body: what it signs there must be known at once.
    const bucket = { host: 'h', path: '/b/k' }
    const early = signV4({ method: 'POST', url: bucket, body: form, headers: extra }, EXAMPLE_KEY, options)
    expect(codeOf(() => now({ method: 'POST', target: '/b/k', headers: early }))).toBe('SignatureDoesNotMatch')
    const empty = signV4({ method: 'GET', url: root }, EXAMPLE_KEY, options)
    expect(now({ target: '/', headers: empty }).payload).toEqual({ kind: 'unsigned' })
  })

  it('of a presigned URL is unsigned, unless the URL or a signed header says otherwise', () => {
    const hex = 'ab'.repeat(32)
    expect(now(presignV4(get, EXAMPLE_KEY, { date: DATE })).payload.kind).toBe('unsigned')
    const inHeader = { ...get, headers: { 'x-amz-content-sha256': hex }, body: hex }
    expect(now(presignV4(inHeader, EXAMPLE_KEY, { date: DATE })).payload).toEqual({ kind: 'sha256', hex })
    const query = `X-Amz-Content-Sha256=${hex}`
    const inUrl = { method: 'GET', url: { ...url, query }, body: hex }
    expect(now(presignV4(inUrl, EXAMPLE_KEY, { date: DATE })).payload).toEqual({ kind: 'sha256', hex })
  })

  it('of an anonymous or SigV2 request cannot be signed by chunks', () => {
    const signed = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }
    const unsigned = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }
    const v2 = (headers: Record<string, string>) => signV2({ ...put, headers }, EXAMPLE_KEY, { date: DATE })
    for (const headers of [signed, v2(signed)]) {
      expect(codeOf(() => now({ method: 'PUT', target: '/b/k', headers }))).toBe('InvalidRequest')
    }
    for (const headers of [unsigned, v2(unsigned)]) {
      expect(now({ method: 'PUT', target: '/b/k', headers }).payload).toEqual({ kind: 'unsigned-chunks' })
    }
  })
})

describe("the SDK's presigner", () => {
  const client = new S3Client({
    endpoint: 'http://localhost:7480',
    region: 'cn-test',
    forcePathStyle: true,
    credentials: { accessKeyId: EXAMPLE_KEY.accessKey, secretAccessKey: EXAMPLE_KEY.secretKey, sessionToken: 'a/b+c=' },
  })

  function split(signed: string): SentHead {
    const { host, pathname, search } = new URL(signed)
    return { target: `${pathname}${search}`, headers: { Host: host } }
  }

  it('GET with overrides and an awkward key', async () => {
    const command = new GetObjectCommand({ Bucket: 'b', Key: "a b/+é'(1)*~", ResponseContentType: 'text/plain; x="y"' })
    const sent = split(await getSignedUrl(client, command, { expiresIn: 60 }))
    expect(at(Date.now())(sent)).toMatchObject({ version: 'v4', presigned: true, accessKey: EXAMPLE_KEY.accessKey })
    expect(wireHead(sent).address.key).toBe("a b/+é'(1)*~")
    expect(codeOf(() => at(Date.now())({ ...sent, target: sent.target.replace('plain', 'html') }))).toBe(
      'SignatureDoesNotMatch',
    )
    expect(errorOf(() => at(Date.now() + 62_000)(sent)).message).toBe('Request has expired')
  })

  it('PUT with metadata, which the URL bears as parameters', async () => {
    const command = new PutObjectCommand({ Bucket: 'b', Key: 'k', Metadata: { colour: 'grün' }, ACL: 'private' })
    const sent = { ...split(await getSignedUrl(client, command)), method: 'PUT' }
    expect(at(Date.now())(sent).presigned).toBe(true)
    expect(wireHead(sent).headers.get('x-amz-acl')).toBe('private')
    expect(wireHead(sent).headers.get('x-amz-meta-colour')).toBe('grün')
    const loosened = { ...sent, target: sent.target.replace('x-amz-acl=private', 'x-amz-acl=public-read') }
    expect(codeOf(() => at(Date.now())(loosened))).toBe('SignatureDoesNotMatch')
  })
})
