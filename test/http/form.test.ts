import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import {
  exactly,
  type Fields,
  formBody,
  policyOf,
  post,
  postBytes,
  signedV2,
  signedV4,
  signFormV2,
  signFormV4,
} from '../support/form.ts'
import { useServer } from '../support/server.ts'

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex')
const server = useServer()

/** The keys in a bucket. */
async function keysOf(bucket: string): Promise<string[]> {
  const { text } = await server().request('GET', `/${bucket}`)
  return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
}

describe('a form that is refused', () => {
  /** Posts to a new bucket, expects it to be empty then, and lets the same connection's next form through. */
  async function refused(make: (bucket: string) => { fields: Fields; file?: string }): Promise<string> {
    const bucket = await createBucket(server())
    const answer = await post(server(), bucket, make(bucket))
    expect(await keysOf(bucket)).toEqual([])
    return verdict(answer)
  }
  const signed = (conditions: unknown[], fields: Fields, expiration?: string): Fields => [
    ...fields,
    ...signFormV2(policyOf(conditions, expiration === undefined ? {} : { expiration }), server().root),
  ]
  const K: Fields = [['key', 'k']]

  it.each<[string, string, (bucket: string) => Fields]>([
    ['a policy of another bucket', '403 AccessDenied', () => signed([{ bucket: 'other' }, ...exactly(K)], K)],
    ['a policy of another key', '403 AccessDenied', (bucket) => signed([{ bucket }, { key: 'other' }], K)],
    ['a policy that names no key', '403 AccessDenied', (bucket) => signed([{ bucket }], K)],
    [
      'a field without a condition',
      '403 AccessDenied',
      (bucket) => [['acl', 'public-read'], ...signedV2(server(), bucket, K)],
    ],
    [
      'the scope without conditions',
      '403 AccessDenied',
      (bucket) => [...K, ...signFormV4(policyOf([{ bucket }, ...exactly(K)]), server().root)],
    ],
    [
      'an expired policy',
      '403 AccessDenied',
      (bucket) => signed([{ bucket }, ...exactly(K)], K, new Date(Date.now() - 1000).toISOString()),
    ],
    ['no JSON', '400 InvalidArgument', () => [...K, ...signFormV2('e25vdCBqc29u', server().root)]],
    [
      'a wrong signature',
      '403 AccessDenied',
      (bucket) => [
        ...K,
        ...signFormV2(policyOf([{ bucket }, ...exactly(K)]), { ...server().root, secretKey: 'wrong' }),
      ],
    ],
    [
      'an unknown key',
      '403 AccessDenied',
      (bucket) => [
        ...K,
        ...signFormV2(policyOf([{ bucket }, ...exactly(K)]), { ...server().root, accessKey: 'NOBODY' }),
      ],
    ],
    ['no signature', '400 InvalidArgument', (bucket) => signedV2(server(), bucket, K).slice(0, -1)],
    ['no key', '400 InvalidArgument', (bucket) => signedV2(server(), bucket, [])],
    ['an empty key', '400 InvalidArgument', (bucket) => signedV2(server(), bucket, [['key', '']])],
    [
      'a key that is too long',
      '400 InvalidObjectName',
      (bucket) => signedV2(server(), bucket, [['key', 'k'.repeat(1025)]]),
    ],
    ['an unknown ACL', '400 InvalidArgument', (bucket) => signedV2(server(), bucket, [...K, ['acl', 'bogus']])],
    [
      'an unknown class',
      '400 InvalidArgument',
      (bucket) => signedV2(server(), bucket, [...K, ['x-amz-storage-class', 'X']]),
    ],
    ['tags that are none', '400 MalformedXML', (bucket) => signedV2(server(), bucket, [...K, ['tagging', 'a=b']])],
    [
      'a wrong MD5',
      '400 BadDigest',
      (bucket) => signedV2(server(), bucket, [...K, ['Content-MD5', 'XrY7u+Ae7tCTyyK7j1rNww==']]),
    ],
    [
      'a wrong checksum',
      '400 BadDigest',
      (bucket) => signedV2(server(), bucket, [...K, ['x-amz-checksum-crc32', 'AAAAAA==']]),
    ],
    [
      'half of what SSE-C needs',
      '400 InvalidArgument',
      (bucket) => signedV2(server(), bucket, [...K, ['x-amz-server-side-encryption-customer-algorithm', 'AES256']]),
    ],
  ])('%s: %s', async (_name, expected, make) => {
    expect(await refused((bucket) => ({ fields: make(bucket) }))).toBe(expected)
    // The valid neighbour.
    const bucket = await createBucket(server())
    expect((await post(server(), bucket, { fields: signedV2(server(), bucket, K) })).status).toBe(204)
  })

  it('a file that is too short or too long stores nothing, and leaves no chunk behind', async () => {
    const ranged = (bucket: string, range: number[]) =>
      signed([{ bucket }, ...exactly(K), ['content-length-range', ...range]], K)
    const chunkNames = () => Array.fromAsync(server().running.services.chunks.list())
    const before = (await chunkNames()).length
    for (const length of [10, 100_000]) {
      const file = 'x'.repeat(length)
      const of = (...range: number[]) => refused((bucket) => ({ fields: ranged(bucket, range), file }))
      expect(await of(0, length - 1)).toBe('400 EntityTooLarge')
      expect(await of(length + 1, length + 2)).toBe('400 EntityTooSmall')
      const bucket = await createBucket(server())
      const fields = ranged(bucket, [length, length])
      expect((await post(server(), bucket, { fields, file })).status).toBe(204)
    }
    // The one file of the sound form that was too large for the database.
    expect((await chunkNames()).length - before).toBe(1)
  })

  it.each([
    ['no file', '400 InvalidArgument', (fields: Fields) => formBody({ fields, file: undefined })],
    ['two files', '400 InvalidArgument', (fields: Fields) => formBody({ fields, after: [['file', 'another']] })],
    ['no last boundary', '400 InvalidArgument', (fields: Fields) => formBody({ fields }).subarray(0, -10)],
    ['no form at all', '400 InvalidArgument', () => 'this is not multipart'],
    ['nothing', '400 InvalidArgument', () => ''],
    [
      'too much before the file',
      '400 MaxPostPreDataLengthExceededError',
      (fields: Fields) => formBody({ fields: [...fields, ['x-ignore-x', 'x'.repeat(20_480)]] }),
    ],
  ])('%s: %s', async (_name, expected, body) => {
    const bucket = await createBucket(server())
    const fields = signedV2(server(), bucket, K)
    expect(verdict(await postBytes(server(), bucket, body(fields)))).toBe(expected)
    expect(await keysOf(bucket)).toEqual([])
  })
})

describe('a POST that is no form', () => {
  it.each([undefined, 'application/json', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=x'])(
    '%s is InvalidArgument',
    async (type) => {
      const bucket = await createBucket(server())
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
      for (const as of ['root', 'anonymous'] as const) {
        const answer = await server().request('POST', `/${bucket}`, { as, headers, body: '{}' })
        expect(verdict(answer)).toBe('400 InvalidArgument')
      }
    },
  )

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', `multipart/form-data; boundary=${'x'.repeat(71)}`])(
    '%s has no boundary',
    async (type) => {
      const bucket = await createBucket(server())
      const headers = { 'content-type': type }
      const answer = await server().request('POST', `/${bucket}`, { as: 'anonymous', headers, body: 'x' })
      expect(verdict(answer)).toBe('400 InvalidArgument')
    },
  )
})

describe('in dialect aws', () => {
  const aws = useServer({ config: { dialect: 'aws', limits: { putBytesMax: 100_000 } } })

  it.each<[string, string, (bucket: string) => Fields]>([
    [
      'a wrong signature',
      '403 SignatureDoesNotMatch',
      (bucket) => [['key', 'k'], ...signFormV2(policyOf([{ bucket }]), { ...aws().root, secretKey: 'wrong' })],
    ],
    [
      'an unknown key',
      '403 InvalidAccessKeyId',
      (bucket) => [['key', 'k'], ...signFormV2(policyOf([{ bucket }]), { ...aws().root, accessKey: 'NOBODY' })],
    ],
    ['no JSON', '400 InvalidPolicyDocument', () => [['key', 'k'], ...signFormV2('e25vdCBqc29u', aws().root)]],
    ['no key', '400 UserKeyMustBeSpecified', (bucket) => signedV2(aws(), bucket, [])],
    [
      'a field without a condition',
      '403 AccessDenied',
      (bucket) => [['acl', 'private'], ...signedV2(aws(), bucket, [['key', 'k']])],
    ],
    [
      'a condition on a field that is absent',
      '403 AccessDenied',
      (bucket) => [
        ['key', 'k'],
        ...signFormV2(policyOf([{ bucket }, { key: 'k' }, ['starts-with', '$Content-Type', '']]), aws().root),
      ],
    ],
  ])('%s: %s', async (_name, expected, make) => {
    const bucket = await createBucket(aws())
    expect(verdict(await post(aws(), bucket, { fields: make(bucket) }))).toBe(expected)
    expect((await post(aws(), bucket, { fields: signedV2(aws(), bucket, [['key', 'k']]) })).status).toBe(204)
  })

  it('words its answers as AWS does', async () => {
    const bucket = await createBucket(aws())
    const fields = signedV4(aws(), bucket, [
      ['key', 'a/b'],
      ['success_action_status', '201'],
    ])
    const { text } = await post(aws(), bucket, { fields })
    expect(text).toContain(`<Key>a/b</Key><ETag>&quot;${md5('file content')}&quot;</ETag></PostResponse>`)
    const plain = await aws().request('POST', `/${bucket}`, { as: 'anonymous', body: '{}' })
    expect(verdict(plain)).toBe('412 PreconditionFailed')
    expect(plain.text).toContain('<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>')
    const two = formBody({ fields, after: [['file', 'x']] })
    expect(verdict(await postBytes(aws(), bucket, two))).toBe('400 IncorrectNumberOfFilesInPostRequest')
    expect(verdict(await postBytes(aws(), bucket, 'x'))).toBe('400 MalformedPOSTRequest')
    const expired = policyOf([{ bucket }], { expiration: '2007-12-01T12:00:00.000Z' })
    const late = await post(aws(), bucket, { fields: [['key', 'k'], ...signFormV2(expired, aws().root)] })
    expect(late.text).toContain('<Message>Invalid according to Policy: Policy expired</Message>')
  })

  it('refuses what is larger than a PUT may be, before or while it comes', async () => {
    const bucket = await createBucket(aws())
    const sized = async (length: number, after: Fields = []) =>
      verdict(
        await post(aws(), bucket, {
          fields: signedV4(aws(), bucket, [['key', 'k']]),
          file: Buffer.alloc(length),
          after,
        }),
      )
    expect(await sized(200_000)).toBe('400 EntityTooLarge')
    expect(await sized(100_001)).toBe('400 EntityTooLarge')
    expect(await sized(100_000, [['x', 'y'.repeat(10_000)]])).toBe('204')
  })
})

describe('in dialect rgw', () => {
  const rgw = useServer({ config: { dialect: 'rgw' } })

  it('tells nothing of the object, and takes a field that is absent for an empty one', async () => {
    const bucket = await createBucket(rgw())
    const conditions = [{ bucket }, { key: 'k' }, ['starts-with', '$Content-Type', '']]
    const answer = await post(rgw(), bucket, {
      fields: [['key', 'k'], ...signFormV2(policyOf(conditions), rgw().root)],
    })
    expect(answer.status).toBe(204)
    expect(answer.headers).not.toHaveProperty('etag')
    expect(answer.headers).not.toHaveProperty('location')
  })
})
