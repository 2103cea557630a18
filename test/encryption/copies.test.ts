// Copies between all ways of encryption: the bytes move where they must, and only there.
import { hash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey, encryptionDocument, putEncryption, type TestKey } from '../support/encryption.ts'
import { multipartBucket } from '../support/multipart.ts'
import { useServer } from '../support/server.ts'

const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
type Headers = Readonly<Record<string, string>>

const server = useServer({ config: { dialect: 'rgw' } })
const aws = useServer({ config: { dialect: 'aws' } })
const [mine, yours] = [customerKey(), customerKey()]

interface Way {
  readonly name: string
  readonly write: Headers
  readonly key?: TestKey
}

const WAYS: readonly Way[] = [
  { name: 'plain', write: {} },
  { name: 'SSE-S3', write: { [SSE]: 'AES256' } },
  { name: 'SSE-KMS k', write: { [SSE]: 'aws:kms', [KEY_ID]: 'k' } },
  { name: 'SSE-KMS l', write: { [SSE]: 'aws:kms', [KEY_ID]: 'l' } },
  { name: 'SSE-C mine', write: mine.headers, key: mine },
  { name: 'SSE-C yours', write: yours.headers, key: yours },
]
const PAIRS = WAYS.flatMap((from) => WAYS.map((to) => [from.name, to.name, { from, to }] as const))

const fileChunks = () => server().running.services.metadata.stats().fileChunks

/** An object in a file, and how to copy it. */
async function source({ write }: Way, body: Buffer) {
  const bucket = await createBucket(server())
  expect((await server().request('PUT', `/${bucket}/s`, { headers: write, body })).status).toBe(200)
  const copy = (headers: Headers, key = 'd') =>
    server().request('PUT', `/${bucket}/${key}`, { headers: { 'x-amz-copy-source': `/${bucket}/s`, ...headers } })
  const get = (key: string, headers: Headers) => server().request('GET', `/${bucket}/${key}`, { headers })
  return { bucket, copy, get }
}

describe('CopyObject', () => {
  it.each(PAIRS)('from %s to %s', async (_from, _to, { from, to }) => {
    for (const sizeBytes of [100, 150_000]) {
      const body = randomBytes(sizeBytes)
      const { copy, get } = await source(from, body)
      const before = fileChunks()
      const answer = await copy({ ...from.key?.sourceHeaders, ...to.write })
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).toContain(hash('md5', body))
      // Nothing changes: both refer to the same bytes.
      expect(fileChunks() - before).toBe(sizeBytes > 100 && from !== to ? 1 : 0)
      const read = await get('d', to.key?.headers ?? {})
      expect(read.body.equals(body)).toBe(true)
      for (const [name, value] of Object.entries(to.write)) {
        if (!name.endsWith('-key')) expect(read.headers[name.toLowerCase()]).toBe(value)
      }
      expect((await get('s', from.key?.headers ?? {})).body.equals(body)).toBe(true)
    }
  })

  it('needs the key of its source, and no other', async () => {
    const { copy } = await source(WAYS[4]!, randomBytes(100))
    expect(verdict(await copy({}))).toBe('400 InvalidArgument')
    expect(verdict(await copy(yours.sourceHeaders))).toBe('400 InvalidArgument')
    expect(verdict(await copy(mine.headers))).toBe('400 InvalidArgument')
    expect(verdict(await copy(mine.sourceHeaders))).toBe('200')
  })

  it('is encrypted as its bucket says, and not as its source is', async () => {
    const body = randomBytes(100)
    const { bucket, copy, get } = await source(WAYS[2]!, body)
    expect((await copy({})).headers[SSE]).toBeUndefined()
    await putEncryption(server(), bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })
    expect((await copy({})).headers[SSE]).toBe('AES256')
    expect((await get('d', {})).body.equals(body)).toBe(true)
  })

  it('onto itself changes the encryption, and nothing else', async () => {
    const body = randomBytes(100_000)
    const { copy, get } = await source(WAYS[0]!, body)
    expect(verdict(await copy({}, 's'))).toBe('400 InvalidRequest')
    for (const { write, key } of [WAYS[1]!, WAYS[2]!, WAYS[4]!]) {
      const answer = await copy(write, 's')
      expect(answer.status, answer.text).toBe(200)
      expect((await get('s', key?.headers ?? {})).body.equals(body)).toBe(true)
    }
    // From one customer's key to another's.
    expect((await copy({ ...mine.sourceHeaders, ...yours.headers }, 's')).status).toBe(200)
    expect((await get('s', mine.headers)).status).toBe(400)
    expect((await get('s', yours.headers)).body.equals(body)).toBe(true)
  })

  it('of an upload becomes one piece where its bytes are written anew', async () => {
    const { bucket, create, part, complete } = await multipartBucket(server())
    const upload = { key: 's', uploadId: await create('s') }
    const bodies = [randomBytes(100_000), randomBytes(1_000)]
    const etags = [await part(upload, 1, bodies[0]!), await part(upload, 2, bodies[1]!)]
    await complete(
      upload,
      etags.map((etag, index) => ({ partNumber: index + 1, etag })),
    )
    const copy = (headers: Headers) =>
      server().request('PUT', `/${bucket}/d`, { headers: { 'x-amz-copy-source': `/${bucket}/s`, ...headers } })
    expect((await copy({})).text).toContain('-2</ETag>')
    expect((await copy({ [SSE]: 'AES256' })).text).toContain(hash('md5', Buffer.concat(bodies)))
    const read = await server().request('GET', `/${bucket}/d`)
    expect(read.body.equals(Buffer.concat(bodies))).toBe(true)
    expect((await server().request('HEAD', `/${bucket}/d`, { query: { partNumber: '2' } })).status).toBe(416)
  })

  it('computes the checksum that is asked for on the way', async () => {
    const { copy, get } = await source(WAYS[1]!, Buffer.from('123456789'))
    const answer = await copy({ ...mine.headers, 'x-amz-checksum-algorithm': 'CRC32' })
    expect(answer.text).toContain('<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>')
    const read = await get('d', { ...mine.headers, 'x-amz-checksum-mode': 'ENABLED' })
    expect(read.headers['x-amz-checksum-crc32']).toBe('y/Q5Jg==')
  })

  it('has an ETag that is no MD5 where AWS gives it none', async () => {
    const bucket = await createBucket(aws())
    await aws().request('PUT', `/${bucket}/s`, { body: 'x' })
    const copy = async (headers: Headers) =>
      (await aws().request('PUT', `/${bucket}/d`, { headers: { 'x-amz-copy-source': `/${bucket}/s`, ...headers } }))
        .text
    expect(await copy({})).toContain(hash('md5', 'x'))
    expect(await copy(mine.headers)).toMatch(/<ETag>&quot;[0-9a-f]{32}&quot;/)
    expect(await copy(mine.headers)).not.toContain(hash('md5', 'x'))
  })
})

describe('UploadPartCopy', () => {
  it.each(PAIRS)('from %s to %s', async (_from, _to, { from, to }) => {
    const body = randomBytes(200_000)
    const { bucket } = await source(from, body)
    const created = await server().request('POST', `/${bucket}/u`, { query: { uploads: undefined }, headers: to.write })
    const uploadId = /<UploadId>([^<]+)/.exec(created.text)?.[1] ?? ''
    const ranges = [
      [0, 149_999],
      [150_000, 199_999],
    ] as const
    const before = fileChunks()
    const parts: string[] = []
    for (const [index, [first, last]] of ranges.entries()) {
      const answer = await server().request('PUT', `/${bucket}/u`, {
        query: { uploadId, partNumber: String(index + 1) },
        headers: {
          'x-amz-copy-source': `/${bucket}/s`,
          'x-amz-copy-source-range': `bytes=${first}-${last}`,
          ...from.key?.sourceHeaders,
          ...to.key?.headers,
        },
      })
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).toContain(hash('md5', body.subarray(first, last + 1)))
      parts.push(/<ETag>(?:&quot;)?([0-9a-f]+)/.exec(answer.text)?.[1] ?? '')
    }
    // The second part fits into the database.
    expect(fileChunks() - before).toBe(from === to ? 0 : 1)
    const listed = parts.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    const completed = await server().request('POST', `/${bucket}/u`, {
      query: { uploadId },
      body: `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`,
    })
    expect(completed.status, completed.text).toBe(200)
    const read = await server().request('GET', `/${bucket}/u`, { headers: to.key?.headers ?? {} })
    expect(read.body.equals(body)).toBe(true)
  })

  it('needs the keys of both', async () => {
    const { bucket } = await source(WAYS[4]!, randomBytes(100))
    const created = await server().request('POST', `/${bucket}/u`, {
      query: { uploads: undefined },
      headers: yours.headers,
    })
    const uploadId = /<UploadId>([^<]+)/.exec(created.text)?.[1] ?? ''
    const copy = async (headers: Headers) =>
      verdict(
        await server().request('PUT', `/${bucket}/u`, {
          query: { uploadId, partNumber: '1' },
          headers: { 'x-amz-copy-source': `/${bucket}/s`, ...headers },
        }),
      )
    expect(await copy(yours.headers)).toBe('400 InvalidArgument')
    expect(await copy(mine.sourceHeaders)).toBe('400 InvalidRequest')
    expect(await copy({ ...mine.sourceHeaders, ...mine.headers })).toBe('400 InvalidRequest')
    expect(await copy({ ...mine.sourceHeaders, ...yours.headers })).toBe('200')
  })
})
