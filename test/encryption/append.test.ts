import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey, encryptionDocument, putEncryption } from '../support/encryption.ts'
import { useServer } from '../support/server.ts'

const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
type Headers = Readonly<Record<string, string>>

const server = useServer({ config: { dialect: 'rgw' } })
const [mine, yours] = [customerKey(), customerKey()]

async function appendable() {
  const bucket = await createBucket(server())
  let position = 0
  return {
    bucket,
    async append(headers: Headers, body = randomBytes(1_000)) {
      const query = { append: undefined, position: String(position) }
      const answer = await server().request('PUT', `/${bucket}/a`, { headers, body, query })
      if (answer.status === 200) position += body.length
      return answer
    },
    get: (headers: Headers = {}) => server().request('GET', `/${bucket}/a`, { headers }),
  }
}

describe('what is appended is encrypted as the object is', () => {
  it.each<[string, Headers, Headers]>([
    ['SSE-S3', { [SSE]: 'AES256' }, {}],
    ['SSE-KMS', { [SSE]: 'aws:kms', [KEY_ID]: 'k' }, {}],
    ['SSE-C', mine.headers, mine.headers],
  ])('%s', async (_name, write, read) => {
    const { append, get } = await appendable()
    const pieces = [randomBytes(1_000), randomBytes(100_000), randomBytes(10)]
    const answers = []
    for (const piece of pieces) answers.push(await append(write, piece))
    // Said or not: only a customer's key has to come with each piece.
    answers.push(await append(read, pieces[0]))
    for (const answer of answers) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.headers[SSE] ?? answer.headers[`${SSE}-customer-algorithm`]).toBe(write[SSE] ?? 'AES256')
    }
    const whole = Buffer.concat([...pieces, pieces[0]!])
    expect((await get(read)).body.equals(whole)).toBe(true)
    const range = await get({ ...read, range: 'bytes=990-70000' })
    expect(range.body.equals(whole.subarray(990, 70_001))).toBe(true)
  })

  it('and in no other way', async () => {
    const { append, get } = await appendable()
    expect(verdict(await append({ [SSE]: 'aws:kms', [KEY_ID]: 'k' }))).toBe('200')
    for (const headers of [{ [SSE]: 'AES256' }, { [SSE]: 'aws:kms', [KEY_ID]: 'l' }, mine.headers]) {
      expect(verdict(await append(headers))).toBe('400 InvalidRequest')
    }
    expect(verdict(await append({}))).toBe('200')
    expect((await get()).body).toHaveLength(2_000)
  })

  it('with the key of the customer who began it', async () => {
    const { append } = await appendable()
    expect(verdict(await append(mine.headers))).toBe('200')
    expect(verdict(await append({}))).toBe('400 InvalidRequest')
    expect(verdict(await append(yours.headers))).toBe('400 InvalidRequest')
    expect(verdict(await append(mine.headers))).toBe('200')
  })

  it('also where the bucket says something else since', async () => {
    const { bucket, append, get } = await appendable()
    await append({})
    await putEncryption(server(), bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })
    const answer = await append({})
    expect([answer.status, answer.headers[SSE]]).toEqual([200, undefined])
    expect((await get()).body).toHaveLength(2_000)
    const other = await server().request('PUT', `/${bucket}/b`, {
      query: { append: undefined, position: '0' },
      body: 'x',
    })
    expect(other.headers[SSE]).toBe('AES256')
  })
})
