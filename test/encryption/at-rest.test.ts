// What is encrypted is nowhere to be found: not in the data directory, not in the database or its log, not in the
// server's log. Neither are the keys of customers, nor the data keys.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CustomerKey } from '../../src/domain/encryption/customer-key.ts'
import { openDataKey } from '../../src/domain/encryption/data-key.ts'
import { createBucket } from '../support/buckets.ts'
import { customerKey, encryptionDocument, KMS_RULE, putEncryption } from '../support/encryption.ts'
import { post } from '../support/form.ts'
import { type TestServer, useServer } from '../support/server.ts'

const SSE = 'x-amz-server-side-encryption'
const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'
type Headers = Readonly<Record<string, string>>

/** Twice as long as what is searched for. */
const MARK = 'this is what nobody may find; '
const small = Buffer.alloc(2_000, MARK)
const large = Buffer.alloc(300_000, MARK)

const server = useServer({ config: { logLevel: 'trace' } })
const mine = customerKey()

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Where one of these stands, as it is, in hex or in base64. */
function findings(at: TestServer, secrets: readonly Buffer[]): string[] {
  const texts = filesBelow(at.dataDir).map((file) => [file.slice(at.dataDir.length), readFileSync(file)] as const)
  texts.push(['log', Buffer.from(at.logLines.join(''))])
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret.toString('hex')),
    // Wherever it begins in a longer text, these letters are in its base64.
    ...[0, 1, 2].map((skipped) => Buffer.from(secret.subarray(skipped).toString('base64').slice(0, -4))),
  ])
  return texts.filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([name]) => name)
}

async function upload(path: string, write: Headers, parts: Headers): Promise<void> {
  const created = await server().request('POST', path, { query: { uploads: undefined }, headers: write })
  const uploadId = /<UploadId>([^<]+)/.exec(created.text)?.[1] ?? ''
  let listed = ''
  for (const [index, body] of [large, small].entries()) {
    const query = { uploadId, partNumber: String(index + 1) }
    const part = await server().request('PUT', path, { query, body, headers: parts })
    expect(part.status, part.text).toBe(200)
    listed += `<Part><PartNumber>${index + 1}</PartNumber><ETag>${part.headers.etag}</ETag></Part>`
  }
  const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
  expect((await server().request('POST', path, { query: { uploadId }, body })).status).toBe(200)
}

/** Writes in every way there is. */
async function writeAll(write: Headers, read: Headers): Promise<string> {
  const bucket = await createBucket(server(), { acl: 'public-read-write' })
  const put = async (key: string, body: Buffer, query = {}) => {
    const answer = await server().request('PUT', `/${bucket}/${key}`, { headers: write, body, query })
    expect(answer.status, answer.text).toBe(200)
  }
  await put('small', small)
  await put('large', large)
  await put('appended', small, { append: undefined, position: '0' })
  await put('appended', large, { append: undefined, position: String(small.length) })
  await upload(`/${bucket}/parts`, write, read)
  const fields = Object.entries(write).map(([name, value]) => [name, value] as const)
  for (const [key, file] of [
    ['small-form', small],
    ['large-form', large],
  ] as const) {
    const answer = await post(server(), bucket, { fields: [['key', key], ...fields], file })
    expect(answer.status, answer.text).toBe(204)
  }
  return bucket
}

const WRITTEN: Readonly<Record<string, Buffer>> = {
  small,
  large,
  appended: Buffer.concat([small, large]),
  parts: Buffer.concat([large, small]),
  'small-form': small,
  'large-form': large,
}

describe.each<[string, Headers, Headers]>([
  ['SSE-S3', { [SSE]: 'AES256' }, {}],
  ['SSE-KMS', { [SSE]: 'aws:kms', [`${SSE}-aws-kms-key-id`]: ZOS_ID }, {}],
  ['SSE-C', mine.headers, mine.headers],
])('%s', (_name, write, read) => {
  it('hides what was put, appended, uploaded in parts, posted and copied', async () => {
    const bucket = await writeAll(write, read)
    const plain = await createBucket(server())
    for (const [key, body] of Object.entries(WRITTEN)) {
      const answer = await server().request('GET', `/${bucket}/${key}`, { headers: read })
      expect(answer.body.equals(body), key).toBe(true)
      const from = Object.fromEntries(
        Object.entries(read).map(([name, value]) => [name.replace('x-amz-', 'x-amz-copy-source-'), value]),
      )
      const headers = { 'x-amz-copy-source': `/${bucket}/${key}`, ...from, ...write }
      const copied = await server().request('PUT', `/${plain}/${key}`, { headers })
      expect(copied.status, copied.text).toBe(200)
    }
    expect(findings(server(), [Buffer.from(MARK)])).toEqual([])
  })
})

it('a bucket’s default hides as well', async () => {
  const bucket = await createBucket(server())
  await putEncryption(server(), bucket, { body: encryptionDocument(KMS_RULE) })
  for (const body of [small, large]) {
    await server().request('PUT', `/${bucket}/${body.length}`, { body })
    expect((await server().request('GET', `/${bucket}/${body.length}`)).body.equals(body)).toBe(true)
  }
  await upload(`/${bucket}/parts`, {}, {})
  expect(findings(server(), [Buffer.from(MARK)])).toEqual([])
})

it('neither keys of customers nor data keys are kept', async () => {
  const { keyRing, metadata } = server().running.services
  const sealed = await metadata.read((tx) => tx.chunks.sealed({ afterId: 0, limit: 1_000 }))
  // Eight by each of three methods, and four by a bucket's default.
  expect(sealed).toHaveLength(28)
  const keys = await Promise.all(
    sealed.map(async (chunk) => (await openDataKey(keyRing, chunk, new CustomerKey(mine.bytes))).export()),
  )
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length)
  expect(findings(server(), [mine.bytes, ...keys])).toEqual([])
})

it('and after a restart, when the log of the database has been written back, it is the same', async () => {
  await server().restart()
  expect(findings(server(), [Buffer.from(MARK), mine.bytes])).toEqual([])
})

it('what is not encrypted is found: the search works', async () => {
  const bucket = await createBucket(server())
  await server().request('PUT', `/${bucket}/small`, { body: small })
  await server().request('PUT', `/${bucket}/large`, { body: large })
  const found = findings(server(), [Buffer.from(MARK)])
  expect(found).toContainEqual(expect.stringMatching(/^\/metadata\.db/))
  expect(found).toContainEqual(expect.stringMatching(/^\/chunks\//))
})
