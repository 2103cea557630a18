import { describe, expect, it } from 'vitest'
import type { HeadSettings } from '../../../src/s3/request-head.ts'
import { Authenticator } from '../../../src/s3/signature/authenticate.ts'
import { encodePath, presignV4, signV4 } from '../../support/sign.ts'
import { codeOf, EXAMPLE_KEY, errorOf, exampleAccounts, type SentHead, wireHead } from '../../support/wire-head.ts'

const NOW = Date.parse('2013-05-24T00:00:00Z')
const DATE = new Date(NOW)
const HOST = 'examplebucket.s3.amazonaws.com'

function authenticate(sent: SentHead, settings: Partial<HeadSettings> = {}, nowMs = NOW) {
  const authenticator = new Authenticator({ accounts: exampleAccounts(), clock: { now: () => nowMs } })
  return authenticator.authenticate(wireHead(sent, { domains: ['s3.amazonaws.com'], ...settings }))
}

const CREDENTIAL = `${EXAMPLE_KEY.accessKey}/20130524/us-east-1/s3/aws4_request`
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function published(signedHeaders: string, signature: string, rest: Record<string, string>) {
  return {
    Host: HOST,
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': EMPTY,
    Authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${signedHeaders},Signature=${signature}`,
    ...rest,
  }
}

/** The examples of AWS's "Authenticating Requests: Using the Authorization Header", word for word. */
const PUBLISHED: readonly [string, SentHead][] = [
  [
    'GET object with a range',
    {
      target: '/test.txt',
      headers: published(
        'host;range;x-amz-content-sha256;x-amz-date',
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
        { Range: 'bytes=0-9' },
      ),
    },
  ],
  [
    'PUT object',
    {
      method: 'PUT',
      target: '/test%24file.text',
      headers: published(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
        {
          Date: 'Fri, 24 May 2013 00:00:00 GMT',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
          'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        },
      ),
    },
  ],
  [
    'GET lifecycle',
    {
      target: '/?lifecycle',
      headers: published(
        'host;x-amz-content-sha256;x-amz-date',
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
        {},
      ),
    },
  ],
  [
    'list objects',
    {
      target: '/?max-keys=2&prefix=J',
      headers: published(
        'host;x-amz-content-sha256;x-amz-date',
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
        {},
      ),
    },
  ],
]

/** AWS's "Authenticating Requests: Using Query Parameters". */
const PUBLISHED_URL: SentHead = {
  target:
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F' +
    'aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=' +
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { Host: HOST },
}

function withHeader(sent: SentHead, name: string, change: (value: string) => string): SentHead {
  const headers = sent.headers as Record<string, string>
  return { ...sent, headers: { ...headers, [name]: change(headers[name] ?? '') } }
}

describe("AWS's published examples", () => {
  it.each(PUBLISHED)('%s', (_name, sent) => {
    const result = authenticate(sent)
    expect(result).toMatchObject({ accessKey: EXAMPLE_KEY.accessKey, version: 'v4', presigned: false })
    expect(result.caller).toMatchObject({ kind: 'account', account: { id: 'example' } })
    expect(result.payload.kind).toBe('sha256')
  })

  it.each(PUBLISHED)('%s, vandalised', (_name, sent) => {
    const vandals: SentHead[] = [
      { ...sent, method: 'DELETE' },
      { ...sent, target: `${sent.target}x` },
      { ...sent, target: sent.target.replace('/', '//') },
      { ...sent, target: `${sent.target}${sent.target.includes('?') ? '&' : '?'}acl` },
      withHeader(sent, 'Host', (host) => `x${host}`),
      withHeader(sent, 'x-amz-date', () => '20130524T000001Z'),
      withHeader(sent, 'x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD'),
      withHeader(sent, 'Authorization', (value) => value.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
      withHeader(sent, 'Authorization', (value) => value.slice(0, -1)),
      withHeader(sent, 'Authorization', (value) => value.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())),
      withHeader(sent, 'Authorization', (value) => value.replace('us-east-1', 'us-east-2')),
      withHeader(sent, 'Authorization', (value) => value.replace('/s3/', '/sns/')),
      withHeader(sent, 'Authorization', (value) => value.replace('SignedHeaders=', 'SignedHeaders=accept;')),
      withHeader(sent, 'Authorization', (value) => value.replace(';x-amz-date', '')),
    ]
    for (const [index, vandal] of vandals.entries()) {
      expect(
        codeOf(() => authenticate(vandal)),
        `vandal ${index}`,
      ).toBe('SignatureDoesNotMatch')
    }
    authenticate(sent)
  })

  it('the presigned URL, and vandalised', () => {
    expect(authenticate(PUBLISHED_URL)).toMatchObject({ version: 'v4', presigned: true, payload: { kind: 'unsigned' } })
    const { target } = PUBLISHED_URL
    const vandals = [
      target.replace('/test.txt', '/other.txt'),
      target.replace('86400', '86401'),
      target.replace('T000000Z', 'T000001Z'),
      target.replace('us-east-1', 'us-west-1'),
      target.replace(/4$/, '5'),
      target.replace('SignedHeaders=host', 'SignedHeaders=host%3Brange'),
      `${target}&versionId=1`,
      `${target}&x-amz-acl=public-read`,
      target.replace('Signature=a', 'Signature=A'),
    ]
    for (const vandal of vandals) {
      expect(
        codeOf(() => authenticate({ ...PUBLISHED_URL, target: vandal })),
        vandal,
      ).toBe('SignatureDoesNotMatch')
    }
    expect(codeOf(() => authenticate({ ...PUBLISHED_URL, method: 'DELETE' }))).toBe('SignatureDoesNotMatch')
  })

  it('a header of S3 that is sent and not signed', () => {
    const put = {
      method: 'PUT',
      url: { host: 'h', path: '/b/k' },
      headers: { 'x-amz-acl': 'public-read', 'x-own': '1' },
    }
    const sent = (unsigned: string[]): SentHead => {
      return { method: 'PUT', target: '/b/k', headers: signV4(put, EXAMPLE_KEY, { date: DATE, unsigned }) }
    }
    authenticate(sent([]))
    authenticate(sent(['x-own']))
    expect(errorOf(() => authenticate(sent(['x-amz-acl'])))).toMatchObject({
      code: 'AccessDenied',
      details: { HeadersNotSigned: 'x-amz-acl' },
    })
    const { target, headers } = presignV4({ ...put, headers: {} }, EXAMPLE_KEY, { date: DATE })
    const presigned = (added: Record<string, string>): SentHead => {
      return { method: 'PUT', target, headers: { ...headers, ...added } }
    }
    authenticate(presigned({ 'content-type': 'text/plain' }))
    expect(codeOf(() => authenticate(presigned({ 'x-amz-copy-source': '/b/secret' })))).toBe('AccessDenied')
  })

  it('tells both sides of a mismatch, and no secret', () => {
    const wrong = errorOf(() => authenticate({ ...PUBLISHED[2]![1], method: 'PUT' }))
    expect(wrong.status).toBe(403)
    expect(wrong.details['AWSAccessKeyId']).toBe(EXAMPLE_KEY.accessKey)
    expect(wrong.details['SignatureProvided']).toMatch(/^fea454/)
    expect(wrong.details['CanonicalRequest']).toBe(
      `PUT\n/\nlifecycle=\nhost:${HOST}\nx-amz-content-sha256:${EMPTY}\nx-amz-date:20130524T000000Z\n\n` +
        `host;x-amz-content-sha256;x-amz-date\n${EMPTY}`,
    )
    expect(wrong.details['StringToSign']).toMatch(
      /^AWS4-HMAC-SHA256\n20130524T000000Z\n20130524\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
    )
    expect(String(wrong.details['StringToSignBytes']).slice(0, 11)).toBe('41 57 53 34')
    expect(String(wrong.details['CanonicalRequestBytes']).endsWith('35 35')).toBe(true)
    expect(JSON.stringify([wrong.details, wrong.message])).not.toContain(EXAMPLE_KEY.secretKey)
  })
})

describe('readings of one request', () => {
  const sign = (path: string, query = '', headers: Record<string, string> = {}) =>
    signV4({ method: 'GET', url: { host: 'h', path, query }, headers }, EXAMPLE_KEY, { date: DATE })

  it.each(['/b/a b', '/b/é中😀', '/b/a+b', "/b/!'()*~", '/b/a//b/../c/.', '/b/tr/', '/b/%25', '/b/=&?#;'])(
    '%s',
    (path) => {
      const encoded = encodePath(path)
      authenticate({ target: encoded, headers: sign(encoded) })
      expect(codeOf(() => authenticate({ target: `${encoded}/`, headers: sign(encoded) }))).toBe(
        'SignatureDoesNotMatch',
      )
    },
  )

  it('takes a path that was signed as sent, or as S3 encodes it', () => {
    for (const sent of ['/b/pl+us', '/b/%e4%b8%ad', '/b/a%2Fb', "/b/it's", '/b/%7e']) {
      authenticate({ target: sent, headers: sign(sent) })
      const encoded = encodePath(decodeURIComponent(sent))
      authenticate({ target: sent, headers: sign(encoded) })
      expect(codeOf(() => authenticate({ target: sent, headers: sign(`${encoded}x`) }))).toBe('SignatureDoesNotMatch')
    }
  })

  it('sorts and normalises the query', () => {
    const query = 'uploads&prefix=a%2fb+c&a-b=2&a=%7E&A=1&a=1&x=%E4%B8%AD&empty='
    const spaces = query.replace('+', '%20')
    const pluses = query.replace('+', '%2B')
    authenticate({ target: `/b?${query}`, headers: sign('/b', spaces) })
    authenticate({ target: `/b?${query}`, headers: sign('/b', pluses) })
    const other = sign('/b', spaces.replace('A=1', 'A=2'))
    expect(codeOf(() => authenticate({ target: `/b?${query}`, headers: other }))).toBe('SignatureDoesNotMatch')
  })

  it('squeezes blanks of header values, joins repeated ones, and signs UTF-8', () => {
    const meta = { 'x-amz-meta-a': 'one,  two\tthree', 'x-amz-meta-b': 'ä\u00a0ö' }
    const headers = sign('/b/k', '', meta)
    authenticate({ target: '/b/k', headers })
    const { 'x-amz-meta-a': _joined, ...rest } = sign('/b/k', '', { ...meta, 'x-amz-meta-a': 'one,two three' })
    const repeated = (second: string): [string, string][] => [
      ['X-Amz-Meta-A', 'one'],
      ...Object.entries(rest),
      ['x-amz-meta-a', second],
    ]
    authenticate({ target: '/b/k', headers: repeated('two three') })
    expect(codeOf(() => authenticate({ target: '/b/k', headers: repeated('two') }))).toBe('SignatureDoesNotMatch')
  })

  it('takes a signature under any host that is ours', () => {
    const sent = { target: '/b/k', headers: { ...sign('/b/k'), host: '10.1.2.3:7480' } }
    authenticate(sent, { publicHosts: ['other', 'h'] })
    expect(codeOf(() => authenticate(sent, { publicHosts: ['other'] }))).toBe('SignatureDoesNotMatch')
    const forwarded = { ...sent, headers: { ...sent.headers, 'x-forwarded-host': 'h' } }
    authenticate(forwarded, { trustedProxies: () => true })
    expect(codeOf(() => authenticate(forwarded))).toBe('SignatureDoesNotMatch')
  })

  it('takes a signature for one bucket for no other, whichever host it was made under', () => {
    const presigned = (host: string, path: string) =>
      presignV4({ method: 'GET', url: { host, path } }, EXAMPLE_KEY, { date: DATE }).target
    const settings = { domains: ['h'], publicHosts: ['h'] }
    const inHost = presigned('one.h', '/k')
    authenticate({ target: inHost, headers: { host: 'one.h' } }, settings)
    authenticate({ target: `http://one.h${inHost}`, headers: { host: 'one.h' } }, settings)
    const absolute = { target: `http://two.h${inHost}`, headers: { host: 'one.h' } }
    expect(codeOf(() => authenticate(absolute, settings))).toBe('SignatureDoesNotMatch')
    const inPath = presigned('h', '/one/k')
    authenticate({ target: inPath, headers: { host: 'h' } }, settings)
    authenticate({ target: inPath, headers: { host: '10.1.2.3' } }, settings)
    // The key `one/k` of another bucket.
    expect(codeOf(() => authenticate({ target: inPath, headers: { host: 'two.h' } }, settings))).toBe(
      'SignatureDoesNotMatch',
    )
  })

  it('takes image processing that was appended to a presigned URL, and nothing else that was', () => {
    const { target, headers } = presignV4({ method: 'GET', url: { host: 'h', path: '/b/k' } }, EXAMPLE_KEY, {
      date: DATE,
    })
    authenticate({ target, headers })
    authenticate({ target: `${target}&x-zos-process=image%2Fresize%2Cw_100`, headers })
    const other = { target: `${target}&process=image`, headers }
    expect(codeOf(() => authenticate(other))).toBe('SignatureDoesNotMatch')
    const signed = sign('/b/k')
    expect(codeOf(() => authenticate({ target: '/b/k?x-zos-process=x', headers: signed }))).toBe(
      'SignatureDoesNotMatch',
    )
  })
})

describe('the claim', () => {
  const headers = () => signV4({ method: 'GET', url: { host: 'h', path: '/b/k' } }, EXAMPLE_KEY, { date: DATE })

  function code(change: (authorization: string) => string): string {
    const signed = headers()
    return codeOf(() =>
      authenticate({ target: '/b/k', headers: { ...signed, authorization: change(signed['authorization'] ?? '') } }),
    )
  }

  it('may come with blanks and in any order', () => {
    const { authorization = '', ...rest } = headers()
    const [algorithm = '', list = ''] = authorization.split(' ')
    const shuffled = `${algorithm}  ${list.split(',').reverse().join(' ,\t')}`
    authenticate({ target: '/b/k', headers: { ...rest, authorization: shuffled } })
  })

  it('answers a missing part with InvalidArgument, as Ceph does', () => {
    expect(code((text) => text.replace(/,Signature=.*/, ''))).toBe('InvalidArgument')
    expect(code((text) => text.replace(/Credential=[^,]*,/, ''))).toBe('InvalidArgument')
    expect(code((text) => text.replace(/SignedHeaders=[^,]*,/, ''))).toBe('InvalidArgument')
    expect(code((text) => text.replace(/Credential=([^/]*)\/[^,]*/, 'Credential=$1'))).toBe('InvalidArgument')
    expect(code(() => 'AWS4-HMAC-SHA256')).toBe('InvalidArgument')
    expect(code(() => 'AWS4-HMAC-SHA256 abc')).toBe('InvalidArgument')
  })

  it('must have a scope, a signed host, and a known key', () => {
    expect(code((text) => text.replace('aws4_request', 'aws3_request'))).toBe('AuthorizationHeaderMalformed')
    expect(code((text) => text.replace('/20130524/', '/2013/'))).toBe('AuthorizationHeaderMalformed')
    expect(code((text) => text.replace('host;', ''))).toBe('AccessDenied')
    expect(code((text) => text.replace('AKIA', 'AKIB'))).toBe('InvalidAccessKeyId')
  })
})
