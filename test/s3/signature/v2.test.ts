import { describe, expect, it } from 'vitest'
import type { HeadSettings } from '../../../src/s3/request-head.ts'
import { Authenticator } from '../../../src/s3/signature/authenticate.ts'
import { CEPH_SUBRESOURCES, presignV2, type SignOptionsV2, signV2 } from '../../support/sign.ts'
import { codeOf, EXAMPLE_KEY, errorOf, exampleAccounts, type SentHead, wireHead } from '../../support/wire-head.ts'

const DATE = new Date('2026-02-03T04:05:06Z')
const SETTINGS = { domains: ['s3.us-west-1.amazonaws.com', 's3.example.com'] }

function authenticate(sent: SentHead, nowMs = DATE.getTime(), settings: Partial<HeadSettings> = SETTINGS) {
  const authenticator = new Authenticator({ accounts: exampleAccounts(), clock: { now: () => nowMs } })
  return authenticator.authenticate(wireHead(sent, settings))
}

const BUCKET_HOST = 'awsexamplebucket1.s3.us-west-1.amazonaws.com'
const SERVICE_HOST = 's3.us-west-1.amazonaws.com'

function published(signature: string, host: string, headers: Record<string, string>) {
  return { Host: host, Authorization: `AWS ${EXAMPLE_KEY.accessKey}:${signature}`, ...headers }
}

/** The examples of AWS's "Signing and authenticating REST requests" (signature version 2). */
const PUBLISHED: readonly [string, SentHead & { readonly headers: Record<string, string> }][] = [
  [
    'object GET',
    {
      target: '/photos/puppy.jpg',
      headers: published('qgk2+6Sv9/oM7G3qLEjTH1a1l1g=', BUCKET_HOST, { Date: 'Tue, 27 Mar 2007 19:36:42 +0000' }),
    },
  ],
  [
    'object PUT',
    {
      method: 'PUT',
      target: '/photos/puppy.jpg',
      headers: published('iqRzw+ileNPu1fhspnRs8nOjjIA=', BUCKET_HOST, {
        Date: 'Tue, 27 Mar 2007 21:15:45 +0000',
        'Content-Type': 'image/jpeg',
        'Content-Length': '94328',
      }),
    },
  ],
  [
    'list',
    {
      target: '/?prefix=photos&max-keys=50&marker=puppy',
      headers: published('m0WP8eCtspQl5Ahe6L1SozdX9YA=', BUCKET_HOST, { Date: 'Tue, 27 Mar 2007 19:42:41 +0000' }),
    },
  ],
  [
    'fetch of an ACL',
    {
      target: '/?acl',
      headers: published('82ZHiFIjc+WbcwFKGUVEQspPn+0=', BUCKET_HOST, { Date: 'Tue, 27 Mar 2007 19:44:46 +0000' }),
    },
  ],
  [
    'delete with x-amz-date in the line of the date',
    {
      method: 'DELETE',
      target: '/awsexamplebucket1/photos/puppy.jpg',
      headers: published('XbyTlbQdu9Xw5o8P4iMwPktxQd8=', SERVICE_HOST, {
        Date: 'Tue, 27 Mar 2007 21:20:27 +0000',
        'x-amz-date': 'Tue, 27 Mar 2007 21:20:26 +0000',
      }),
    },
  ],
  [
    'upload with many headers',
    {
      method: 'PUT',
      // AWS's example has the bucket in a CNAME, which signs the same resource.
      target: '/static.example.com/db-backup.dat.gz',
      headers: published('jtBQa0Aq+DkULFI8qrpwIjGEx0E=', 'static.example.com:8080', {
        Date: 'Tue, 27 Mar 2007 21:06:08 +0000',
        'x-amz-acl': 'public-read',
        'Content-Type': 'application/x-download',
        'Content-MD5': '4gJE4saaMU4BqNR0kLY+lw==',
        'X-Amz-Meta-ReviewedBy': 'joe@example.com,jane@example.com',
        'X-Amz-Meta-FileChecksum': '0x02661779',
        'X-Amz-Meta-ChecksumAlgorithm': 'crc32',
      }),
    },
  ],
  [
    'list of all buckets',
    {
      target: '/',
      headers: published('qGdzdERIC03wnaRNKh6OqZehG9s=', SERVICE_HOST, { Date: 'Wed, 28 Mar 2007 01:29:59 +0000' }),
    },
  ],
  [
    'unicode key',
    {
      target: '/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re',
      headers: published('DNEZGsoieTZ92F3bUfSPQcbGmlM=', SERVICE_HOST, { Date: 'Wed, 28 Mar 2007 01:49:49 +0000' }),
    },
  ],
]

describe("AWS's published examples", () => {
  it.each(PUBLISHED)('%s', (_name, sent) => {
    const nowMs = Date.parse(sent.headers['Date'] ?? '')
    expect(authenticate(sent, nowMs)).toMatchObject({ version: 'v2', presigned: false })
    const vandals: SentHead[] = [
      { ...sent, method: 'POST' },
      { ...sent, target: sent.target.replace('/', '/x') },
      { ...sent, target: `${sent.target}${sent.target.includes('?') ? '&' : '?'}uploads` },
      { ...sent, headers: { ...sent.headers, 'x-amz-acl': 'public-read-write' } },
      { ...sent, headers: { ...sent.headers, 'Content-Type': 'text/html' } },
      { ...sent, headers: { ...sent.headers, 'Content-MD5': 'x' } },
      {
        ...sent,
        headers: { ...sent.headers, Authorization: (sent.headers['Authorization'] ?? '').replace(/.=$/, 'B=') },
      },
    ]
    for (const [index, vandal] of vandals.entries()) {
      expect(
        codeOf(() => authenticate(vandal, nowMs)),
        `vandal ${index}`,
      ).toBe('SignatureDoesNotMatch')
    }
  })

  it('presigned URL', () => {
    const target =
      '/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&' +
      'Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620'
    const sent = { target, headers: { Host: 'johnsmith.s3.us-west-1.amazonaws.com' } }
    expect(authenticate(sent, 1175139620_000)).toMatchObject({ version: 'v2', presigned: true })
    const plus = { ...sent, target: target.replace('%2B', '+') }
    expect(authenticate(plus, 1175139620_000)).toMatchObject({ presigned: true })
    const longer = { ...sent, target: target.replace('1175139620', '1175139621') }
    expect(codeOf(() => authenticate(longer, 1175139620_000))).toBe('SignatureDoesNotMatch')
    const deleting = { ...sent, method: 'DELETE' }
    expect(codeOf(() => authenticate(deleting, 1175139620_000))).toBe('SignatureDoesNotMatch')
  })
})

describe('the resource', () => {
  function send(query: string, options: SignOptionsV2 = {}, path = '/b/k') {
    const request = { method: 'GET', url: { host: 'h', path, query } }
    return { target: `${path}?${query}`, headers: signV2(request, EXAMPLE_KEY, { date: DATE, ...options }) }
  }

  it.each([...CEPH_SUBRESOURCES])('has ?%s', (name) => {
    authenticate(send(name))
    authenticate(send(`${name}=a%2Fb%20%C3%A9&prefix=x`))
    const { headers } = send(`${name}=a`)
    expect(codeOf(() => authenticate({ target: `/b/k?${name}=b`, headers }))).toBe('SignatureDoesNotMatch')
  })

  it.each(['restore', 'replication', 'accelerate', 'select', 'analytics', 'metrics', 'inventory', 'storageClass'])(
    "has botocore's ?%s, or has it not",
    (name) => {
      authenticate(send(name, { subresources: [...CEPH_SUBRESOURCES, name] }))
      authenticate(send(name))
    },
  )

  it.each(['encryption', 'object-lock'])('may lack ?%s, as in Ceph 16.2', (name) => {
    authenticate(send(name, { subresources: [] }))
    expect(codeOf(() => authenticate(send(`${name}&acl`, { subresources: [] })))).toBe('SignatureDoesNotMatch')
  })

  it('has no other parameter', () => {
    for (const name of ['legal-hold', 'retention', 'append', 'position', 'prefix']) {
      authenticate(send(name))
      expect(codeOf(() => authenticate(send(name, { subresources: [name] })))).toBe('SignatureDoesNotMatch')
    }
  })

  it('of a presigned URL has each parameter that makes another operation of it', () => {
    const presigned = (method: string, query = '', options: SignOptionsV2 = {}) =>
      presignV2({ method, url: { host: 'h', path: '/b', query } }, EXAMPLE_KEY, { date: DATE, ...options }).target
    const send = (method: string, target: string) => () => authenticate({ method, target, headers: { host: 'h' } })
    send('GET', presigned('GET'))()
    // Anybody may add what means nothing by itself, as to Ceph: the list of SigV2 is short.
    send('GET', `${presigned('GET')}&prefix=a`)()
    for (const name of [
      'quota',
      'attributes',
      'ownershipControls',
      'policyStatus',
      'publicAccessBlock',
      'object-lock',
    ]) {
      expect(codeOf(send('GET', `${presigned('GET')}&${name}`))).toBe('SignatureDoesNotMatch')
    }
    expect(codeOf(send('DELETE', `${presigned('DELETE')}&publicAccessBlock`))).toBe('SignatureDoesNotMatch')
    expect(codeOf(send('PUT', `${presigned('PUT')}&append&position=0`))).toBe('SignatureDoesNotMatch')
    for (const name of ['policyStatus', 'publicAccessBlock', 'object-lock', 'acl']) {
      send('GET', presigned('GET', name, { subresources: [...CEPH_SUBRESOURCES, name] }))()
    }
  })

  it('of a bucket may have the slash that boto3 signs and does not send', () => {
    const signed = (path: string) => signV2({ method: 'GET', url: { host: 'h', path } }, EXAMPLE_KEY, { date: DATE })
    for (const sent of ['/b', '/b/'])
      for (const path of ['/b', '/b/']) authenticate({ target: sent, headers: signed(path) })
    expect(codeOf(() => authenticate({ target: '/b/k', headers: signed('/b/k/') }))).toBe('SignatureDoesNotMatch')
    expect(codeOf(() => authenticate({ target: '/', headers: signed('/b') }))).toBe('SignatureDoesNotMatch')
  })

  it('has the bucket of a virtual host in front', () => {
    const host = 'bkt.s3.example.com:7480'
    const sent = (bucket: string) => ({
      target: '/k',
      headers: signV2({ method: 'GET', url: { host, path: '/k' } }, EXAMPLE_KEY, { date: DATE, bucket }),
    })
    authenticate(sent('bkt'))
    expect(codeOf(() => authenticate(sent('other')))).toBe('SignatureDoesNotMatch')
  })

  it('is the path as sent, or as S3 encodes it', () => {
    const signed = (path: string) => signV2({ method: 'GET', url: { host: 'h', path } }, EXAMPLE_KEY, { date: DATE })
    authenticate({ target: '/b/pl+us', headers: signed('/b/pl+us') })
    authenticate({ target: '/b/pl+us', headers: signed('/b/pl%2Bus') })
    expect(codeOf(() => authenticate({ target: '/b/pl+us', headers: signed('/b/pl%20us') }))).toBe(
      'SignatureDoesNotMatch',
    )
  })
})

describe('headers and dates', () => {
  it.each([
    'Tue, 03 Feb 2026 04:05:06 GMT',
    'Tue, 03 Feb 2026 05:05:06 +0100',
    'Tuesday, 03-Feb-26 04:05:06 GMT',
    '2026-02-03T04:05:06Z',
    '20260203T040506Z',
  ])('takes "%s"', (dateText) => {
    for (const useAmzDate of [true, false]) {
      const options = { dateText, useAmzDate }
      authenticate({
        target: '/b/k',
        headers: signV2({ method: 'GET', url: { host: 'h', path: '/b/k' } }, EXAMPLE_KEY, options),
      })
    }
  })

  it('signs x-amz headers as UTF-8, sorted, repeated ones joined', () => {
    const headers = { 'X-Amz-Meta-B': 'ä 中', 'x-amz-meta-a': 'one,two', 'x-amz-security-token': 't' }
    const signed = signV2({ method: 'PUT', url: { host: 'h', path: '/b/k' }, headers }, EXAMPLE_KEY, { date: DATE })
    authenticate({ method: 'PUT', target: '/b/k', headers: signed })
    const changed = { ...signed, 'x-amz-meta-b': 'ä 下' }
    expect(codeOf(() => authenticate({ method: 'PUT', target: '/b/k', headers: changed }))).toBe(
      'SignatureDoesNotMatch',
    )
  })

  it('signs the x-amz parameters that botocore moves into a URL, and refuses those that were added later', () => {
    const signing = { 'x-amz-acl': 'private', 'x-amz-meta-a': 'é' }
    const url = { host: 'h', path: '/b/k' }
    const { query } = presignV2({ method: 'PUT', url, headers: signing }, EXAMPLE_KEY, { date: DATE })
    const moved = `/b/k?${query}&x-amz-acl=private&x-amz-meta-a=%C3%A9`
    const sent = { method: 'PUT', target: moved, headers: { host: 'h' } }
    expect(authenticate(sent)).toMatchObject({ version: 'v2', presigned: true })
    expect(wireHead(sent).headers.get('x-amz-meta-a')).toBe('é')
    for (const added of ['x-amz-meta-b=1', 'x-amz-tagging=a', 'X-Amz-Grant-Read=a', 'x-amz-security-token=t']) {
      const more = { ...sent, target: `${moved}&${added}` }
      expect(
        codeOf(() => authenticate(more)),
        added,
      ).toBe('SignatureDoesNotMatch')
    }
  })

  it('tells the string to sign of a mismatch, and no canonical request', () => {
    const headers = signV2({ method: 'GET', url: { host: 'h', path: '/b/k' } }, EXAMPLE_KEY, { date: DATE })
    const error = errorOf(() => authenticate({ method: 'PUT', target: '/b/k?acl', headers }))
    expect(error.details['StringToSign']).toBe('PUT\n\n\nTue, 03 Feb 2026 04:05:06 GMT\n/b/k?acl')
    expect(error.details['StringToSignBytes']).toMatch(/^50 55 54 0a /)
    expect(error.details).not.toHaveProperty('CanonicalRequest')
    expect(JSON.stringify(error.details)).not.toContain(EXAMPLE_KEY.secretKey)
  })
})
