import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { completion, element } from '../support/multipart.ts'
import { RawConnection, signedHead } from '../support/raw.ts'
import { type TestRequest, type TestUser, uniqueName, useServer } from '../support/server.ts'

const WRITERS = 64
const KIB = 1024

const user = (id: string): TestUser => ({ id, accessKey: id.toUpperCase(), secretKey: `${id}-secret` })
const plain = (id: string, quotas: object) => ({ id, keys: [user(id)].map(({ id: _id, ...key }) => key), ...quotas })

describe('quotas', () => {
  const server = useServer({
    users: [
      plain('countuser', { quota: { maxObjects: 3 } }),
      plain('sizeuser', { quota: { maxBytes: 4 * KIB } }),
      plain('bucketuser', { bucketQuota: { maxObjects: 2 } }),
      plain('bothuser', { quota: { maxObjects: 3 }, bucketQuota: { maxObjects: 2 } }),
    ],
  })
  const send = async (method: string, path: string, request: TestRequest = {}): Promise<string> =>
    verdict(await server().request(method, path, request))
  const put = (path: string, body: Buffer | string = 'x', as: TestRequest['as'] = 'root') =>
    send('PUT', path, { body, as })

  /** A bucket of root with a quota; its path. */
  async function limited(limits: { maxKib?: number; maxObjects?: number }): Promise<string> {
    const path = `/${await createBucket(server())}`
    await limit(path, limits)
    return path
  }

  async function limit(path: string, { maxKib = -1, maxObjects = -1 }: { maxKib?: number; maxObjects?: number }) {
    const limits = `<MaxSizeKb>${maxKib}</MaxSizeKb><MaxObjects>${maxObjects}</MaxObjects>`
    const body = `<QuotaConfiguration><Enabled>true</Enabled>${limits}</QuotaConfiguration>`
    expect(await send('PUT', path, { query: { quota: undefined }, body })).toBe('200')
  }

  async function owned(owner: TestUser): Promise<string> {
    const path = `/${uniqueName('owned')}`
    expect(await send('PUT', path, { as: owner })).toBe('200')
    return path
  }

  it('lets exactly as many of the racing writers in as there is room for', async () => {
    const path = await limited({ maxObjects: 10 })
    const answers = await Promise.all(Array.from({ length: WRITERS }, (_, at) => put(`${path}/k${at}`)))
    expect(answers.filter((answer) => answer === '200')).toHaveLength(10)
    expect(new Set(answers)).toEqual(new Set(['200', '403 QuotaExceeded']))
    expect((await server().request('HEAD', path)).headers['x-rgw-object-count']).toBe('10')
  })

  it('lets as many bytes in as there is room for, also of racing writers', async () => {
    const path = await limited({ maxKib: 10 })
    const body = Buffer.alloc(3 * KIB)
    const answers = await Promise.all(Array.from({ length: WRITERS }, (_, at) => put(`${path}/k${at}`, body)))
    expect(answers.filter((answer) => answer === '200')).toHaveLength(3)
    expect(await put(`${path}/fits`, Buffer.alloc(KIB))).toBe('200')
    expect(await put(`${path}/more`, 'x')).toBe('403 QuotaExceeded')
    // An object without bytes takes no room where bytes are counted.
    expect(await put(`${path}/empty`, '')).toBe('200')
  })

  it('measures all buckets of an owner together, whoever writes', async () => {
    const owner = user('countuser')
    const paths = [await owned(owner), await owned(owner)]
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, (_, at) => put(`${paths[at % 2]}/k${at}`, 'x', owner)),
    )
    expect(answers.filter((answer) => answer === '200')).toHaveLength(3)
    expect(await put(`${paths[0]}/by-root`)).toBe('403 QuotaExceeded')
    const { text } = await server().request('GET', paths[0]!, { as: owner })
    const key = element(text, 'Key')
    expect(await send('DELETE', `${paths[0]}/${key}`, { as: owner })).toBe('204')
    expect(await put(`${paths[1]}/again`, 'x', owner)).toBe('200')
    expect(await put(`${paths[1]}/again2`, 'x', owner)).toBe('403 QuotaExceeded')
    const elsewhere = `/${await createBucket(server())}`
    expect(await put(`${elsewhere}/k`)).toBe('200')
  })

  it('has the bucket’s own quota in the place of its owner’s for each bucket', async () => {
    const owner = user('bucketuser')
    const [first, second] = [await owned(owner), await owned(owner)]
    for (const path of [first, second]) {
      expect(await put(`${path}/a`, 'x', owner)).toBe('200')
      expect(await put(`${path}/b`, 'x', owner)).toBe('200')
      expect(await put(`${path}/c`, 'x', owner)).toBe('403 QuotaExceeded')
    }
    await limit(first, { maxObjects: 3 })
    expect(await put(`${first}/c`, 'x', owner)).toBe('200')
    expect(await put(`${first}/d`, 'x', owner)).toBe('403 QuotaExceeded')
    expect(await put(`${second}/c`, 'x', owner)).toBe('403 QuotaExceeded')
  })

  it('has both the bucket’s and the owner’s quota', async () => {
    const owner = user('bothuser')
    const [first, second] = [await owned(owner), await owned(owner)]
    for (const key of ['a', 'b']) expect(await put(`${first}/${key}`, 'x', owner)).toBe('200')
    expect(await put(`${first}/c`, 'x', owner)).toBe('403 QuotaExceeded')
    expect(await put(`${second}/a`, 'x', owner)).toBe('200')
    expect(await put(`${second}/b`, 'x', owner)).toBe('403 QuotaExceeded')
  })

  it('counts what an overwrite adds, and never refuses one that adds nothing', async () => {
    const path = await limited({ maxKib: 4, maxObjects: 2 })
    expect(await put(`${path}/a`, Buffer.alloc(3 * KIB))).toBe('200')
    expect(await put(`${path}/a`, Buffer.alloc(4 * KIB))).toBe('200')
    expect(await put(`${path}/a`, Buffer.alloc(4 * KIB + 1))).toBe('403 QuotaExceeded')
    expect(await put(`${path}/b`, '')).toBe('200')
    expect(await put(`${path}/b`, 'x')).toBe('403 QuotaExceeded')
    expect(await put(`${path}/a`, Buffer.alloc(4 * KIB))).toBe('200')
    // Now the bucket holds more than it may: what makes it smaller is let in all the same.
    await limit(path, { maxKib: 1, maxObjects: 1 })
    expect(await put(`${path}/a`, Buffer.alloc(3 * KIB))).toBe('200')
    expect(await put(`${path}/a`, Buffer.alloc(3 * KIB + 1))).toBe('403 QuotaExceeded')
    expect(await put(`${path}/b`, '')).toBe('200')
    expect(await put(`${path}/c`, '')).toBe('403 QuotaExceeded')
    expect(await send('DELETE', `${path}/a`)).toBe('204')
    expect(await put(`${path}/b`, 'x')).toBe('200')
  })

  it('counts old versions, and no delete markers', async () => {
    const path = await limited({ maxObjects: 2 })
    await setVersioning(server(), path.slice(1), 'Enabled')
    expect(await put(`${path}/k`)).toBe('200')
    expect(await put(`${path}/k`)).toBe('200')
    expect(await put(`${path}/k`)).toBe('403 QuotaExceeded')
    expect(await send('DELETE', `${path}/k`)).toBe('204')
    expect(await put(`${path}/k`)).toBe('403 QuotaExceeded')
    await setVersioning(server(), path.slice(1), 'Suspended')
    // The null version is a third one, once; then it takes its own place.
    expect(await put(`${path}/k`)).toBe('403 QuotaExceeded')
    await limit(path, { maxObjects: 3 })
    expect(await put(`${path}/k`)).toBe('200')
    expect(await put(`${path}/k`)).toBe('200')
    expect(await put(`${path}/other`)).toBe('403 QuotaExceeded')
  })

  it('holds for copies, appends and multipart uploads', async () => {
    const path = await limited({ maxKib: 4, maxObjects: 3 })
    expect(await put(`${path}/a`, Buffer.alloc(2 * KIB))).toBe('200')
    const copy = (to: string) => send('PUT', `${path}/${to}`, { headers: { 'x-amz-copy-source': `${path}/a` } })
    expect(await copy('copy')).toBe('200')
    expect(await copy('copy2')).toBe('403 QuotaExceeded')
    expect(await copy('copy')).toBe('200')
    expect(await send('DELETE', `${path}/copy`)).toBe('204')

    const append = (position: number, bytes: number) =>
      send('PUT', `${path}/log`, { query: { append: undefined, position: `${position}` }, body: Buffer.alloc(bytes) })
    expect(await append(0, KIB)).toBe('200')
    expect(await append(KIB, KIB + 1)).toBe('403 QuotaExceeded')
    expect(await append(KIB, KIB)).toBe('200')
    expect(await append(2 * KIB, 1)).toBe('403 QuotaExceeded')
    expect(await append(2 * KIB, 0)).toBe('200')
    expect(await send('DELETE', `${path}/log`)).toBe('204')
  })

  it('refuses parts that can never be completed, and completions', async () => {
    const path = await limited({ maxKib: 4 })
    expect(await put(`${path}/a`, Buffer.alloc(2 * KIB))).toBe('200')
    const { text } = await server().request('POST', `${path}/big`, { query: { uploads: undefined } })
    const uploadId = element(text, 'UploadId')
    const part = (partNumber: number, bytes: number) =>
      server().request('PUT', `${path}/big`, {
        query: { uploadId, partNumber: String(partNumber) },
        body: Buffer.alloc(bytes),
      })
    expect(verdict(await part(1, 2 * KIB + 1))).toBe('403 QuotaExceeded')
    const parts = [await part(1, 2 * KIB), await part(2, 1)].map(({ headers }, at) => ({
      partNumber: at + 1,
      etag: String(headers.etag).replaceAll('"', ''),
    }))
    const complete = (count: number) =>
      send('POST', `${path}/big`, { query: { uploadId }, body: completion(parts.slice(0, count)) })
    expect(await complete(2)).toBe('403 QuotaExceeded')
    expect(await complete(1)).toBe('200')
    expect((await server().request('HEAD', path)).headers['x-rgw-bytes-used']).toBe(String(4 * KIB))
  })

  it('refuses what is too large before it is sent', async () => {
    const path = await limited({ maxKib: 4 })
    const connection = await RawConnection.open(server().port)
    const headers = {
      'content-length': String(5 * KIB),
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      expect: '100-continue',
    }
    connection.send(signedHead(server(), { method: 'PUT', path: `${path}/k`, headers, body: 'UNSIGNED-PAYLOAD' }))
    const received = await connection.until('</Error>')
    connection.close()
    expect(received).toMatch(/^HTTP\/1\.1 403 /)
    expect(received).toContain('<Code>QuotaExceeded</Code>')
  })
})

describe('quotas in the dialect rgw', () => {
  const server = useServer({
    config: { dialect: 'rgw' },
    users: [plain('told', { quota: { maxBytes: 9000, maxObjects: 7 }, bucketQuota: { maxObjects: 5 } })],
  })
  const told = user('told')
  const quotas = async (path: string) => {
    const { headers } = await server().request('HEAD', path, { as: told })
    return ['user-size', 'user-objects', 'bucket-size', 'bucket-objects'].map((name) => headers[`x-rgw-quota-${name}`])
  }

  it('HEAD tells the ones that hold', async () => {
    const path = `/${uniqueName('told')}`
    await server().request('PUT', path, { as: told })
    expect(await quotas(path)).toEqual(['9000', '7', '-1', '5'])
    const set = (enabled: boolean) => {
      const body = `<QuotaConfiguration><Enabled>${enabled}</Enabled><MaxSizeKb>2</MaxSizeKb></QuotaConfiguration>`
      return server().request('PUT', path, { query: { quota: undefined }, body, as: told })
    }
    await set(true)
    expect(await quotas(path)).toEqual(['9000', '7', '2048', '-1'])
    await set(false)
    expect(await quotas(path)).toEqual(['9000', '7', '-1', '5'])
  })
})
