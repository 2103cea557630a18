import { hash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey, encryptionDocument, putEncryption } from '../support/encryption.ts'
import { multipartBucket, outcome } from '../support/multipart.ts'
import { useServer } from '../support/server.ts'

const SSE = 'x-amz-server-side-encryption'
const CUSTOMER = `${SSE}-customer`
type Headers = Readonly<Record<string, string>>

const server = useServer({ config: { dialect: 'rgw' } })
const aws = useServer({ config: { dialect: 'aws' } })
const mine = customerKey()

/** An inline part, a file of several blocks, a last one. */
const BODIES = [randomBytes(2_000), randomBytes(150_000), randomBytes(10)]
const whole = Buffer.concat(BODIES)

async function upload(at: typeof server, write: Headers, parts: Headers) {
  const { bucket, send, complete } = await multipartBucket(at())
  const created = await at().request('POST', `/${bucket}/k`, { query: { uploads: undefined }, headers: write })
  expect(created.status, created.text).toBe(200)
  const uploadId = /<UploadId>([^<]+)/.exec(created.text)?.[1] ?? ''
  const target = { key: 'k', uploadId }
  const sent = []
  for (const [index, body] of BODIES.entries()) {
    const answer = await send('PUT', target, { query: { partNumber: String(index + 1) }, body, headers: parts })
    expect(answer.status, answer.text).toBe(200)
    sent.push(answer)
  }
  const listed = sent.map((answer, index) => ({
    partNumber: index + 1,
    etag: String(answer.headers.etag).replaceAll('"', ''),
  }))
  return { bucket, target, created, sent, listed, send, complete: () => complete(target, listed) }
}

describe.each<[string, Headers, Headers, Headers]>([
  ['SSE-S3', { [SSE]: 'AES256' }, {}, { [SSE]: 'AES256' }],
  [
    'SSE-KMS',
    { [SSE]: 'aws:kms', [`${SSE}-aws-kms-key-id`]: 'k' },
    {},
    { [SSE]: 'aws:kms', [`${SSE}-aws-kms-key-id`]: 'k' },
  ],
  ['SSE-C', mine.headers, mine.headers, { [`${CUSTOMER}-algorithm`]: 'AES256' }],
])('an upload by %s', (_name, write, read, told) => {
  it('is one object, whole, by range and by part', async () => {
    const { bucket, created, sent, complete } = await upload(server, write, read)
    expect(created.headers).toMatchObject(told)
    for (const answer of sent) expect(answer.headers).toMatchObject(told)
    const completed = await complete()
    expect(completed.headers).toMatchObject(told)
    const get = (headers: Headers, query = {}) => server().request('GET', `/${bucket}/k`, { headers, query })
    const answer = await get(read)
    expect(answer.body.equals(whole)).toBe(true)
    expect(answer.headers).toMatchObject(told)
    for (const [first, last] of [
      [1_999, 2_000],
      [67_535, 67_536],
      [0, 151_999],
      [151_999, 152_009],
    ] as const) {
      const part = await get({ ...read, range: `bytes=${first}-${last}` })
      expect(part.body.equals(whole.subarray(first, last + 1))).toBe(true)
    }
    for (const [index, body] of BODIES.entries()) {
      expect((await get(read, { partNumber: String(index + 1) })).body.equals(body)).toBe(true)
    }
  })

  it('answers a repeated completion alike', async () => {
    const { complete } = await upload(server, write, read)
    const [first, again] = [await complete(), await complete()]
    expect(again.status).toBe(200)
    expect(again.headers).toMatchObject(told)
    expect(again.text).toBe(first.text)
  })
})

it('AWS’s ETags of parts under a customer’s key are no MD5, and add up nevertheless', async () => {
  const { sent, complete, listed } = await upload(aws, mine.headers, mine.headers)
  for (const [index, answer] of sent.entries()) {
    expect(answer.headers.etag).not.toBe(`"${hash('md5', BODIES[index] ?? '')}"`)
  }
  const md5s = Buffer.concat(listed.map(({ etag }) => Buffer.from(etag, 'hex')))
  expect((await complete()).text).toContain(`${hash('md5', md5s)}-3`)
})

it('a part brings the key of its upload, and only that', async () => {
  const { send, target, complete } = await upload(server, mine.headers, mine.headers)
  const part = async (headers: Headers) =>
    outcome(await send('PUT', target, { query: { partNumber: '2' }, body: 'x', headers }))
  expect(await part({})).toBe('InvalidRequest')
  expect(await part(customerKey().headers)).toBe('InvalidRequest')
  expect(await part({ [SSE]: 'AES256' })).toBe('InvalidArgument')
  // What was refused has replaced nothing.
  expect((await complete()).status).toBe(200)
})

it('is encrypted as the bucket said when it began', async () => {
  const bucket = await createBucket(server())
  await putEncryption(server(), bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })
  const created = await server().request('POST', `/${bucket}/k`, { query: { uploads: undefined } })
  expect(created.headers[SSE]).toBe('AES256')
  await server().request('DELETE', `/${bucket}`, { query: { encryption: undefined } })
  const uploadId = /<UploadId>([^<]+)/.exec(created.text)?.[1] ?? ''
  const query = { uploadId, partNumber: '1' }
  const part = await server().request('PUT', `/${bucket}/k`, { query, body: 'x' })
  expect(part.headers[SSE]).toBe('AES256')
})

it('a key that cannot be used is refused before the first part', async () => {
  const bucket = await createBucket(server())
  const create = async (headers: Headers) =>
    verdict(await server().request('POST', `/${bucket}/k`, { query: { uploads: undefined }, headers }))
  expect(await create({ [SSE]: 'aws:kms' })).toBe('400 InvalidArgument')
  expect(await create({ [SSE]: 'aws:kms', [`${SSE}-aws-kms-key-id`]: 'k' })).toBe('200')
})
