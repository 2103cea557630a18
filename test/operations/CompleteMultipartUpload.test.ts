import { createHash } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { checksum, compositeChecksum } from '../../src/lib/checksums.ts'
import {
  completion,
  element,
  elements,
  type Listed,
  multipartBucket,
  outcome,
  setVersioning,
} from '../support/multipart.ts'
import { useServer } from '../support/server.ts'

/** The test server's smallest part that need not be the last. */
const MIN_BYTES = 1024
const server = useServer()
const aws = useServer({ config: { dialect: 'aws' } })
const rgw = useServer({ config: { dialect: 'rgw' } })

const FIRST = Buffer.alloc(100_000, 'first')
const LAST = Buffer.from('last')
const WHOLE = Buffer.concat([FIRST, LAST])
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()
const ETAG = `${md5(Buffer.concat([md5(FIRST), md5(LAST)])).toString('hex')}-2`

/** An upload with two parts, of which the first lies in a file and the second in the database. */
async function open(headers: Record<string, string> = {}, at = server()) {
  const multipart = await multipartBucket(at)
  const upload = { key: 'k', uploadId: await multipart.create('k', headers) }
  const parts: Listed[] = []
  for (const body of [FIRST, LAST]) {
    const partNumber = parts.length + 1
    parts.push({ partNumber, etag: await multipart.part(upload, partNumber, body) })
  }
  return { multipart, upload, parts, first: parts[0]!, last: parts[1]! }
}

it('makes one object of the parts', async () => {
  const { multipart, upload, parts } = await open({ 'content-type': 'text/x', 'x-amz-meta-m': '1' })
  expect(outcome(await multipart.get('k'))).toBe('NoSuchKey')
  const answer = await multipart.complete(upload, parts)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Location>${server().url}/${multipart.bucket}/k</Location><Bucket>${multipart.bucket}</Bucket><Key>k</Key>` +
      `<ETag>${ETAG}</ETag></CompleteMultipartUploadResult>`,
  )
  const object = await multipart.get('k')
  expect(object.body.equals(WHOLE)).toBe(true)
  expect(object.headers).toMatchObject({ etag: `"${ETAG}"`, 'content-type': 'text/x', 'x-amz-meta-m': '1' })
})

it('keeps the tags and the storage class that the upload was created with', async () => {
  const { multipart, upload, parts } = await open({ 'x-amz-tagging': 'a=b&c=d', 'x-amz-storage-class': 'STANDARD_IA' })
  await multipart.complete(upload, parts)
  const { headers } = await multipart.get('k')
  expect(headers['x-amz-tagging-count']).toBe('2')
  expect(headers['x-amz-storage-class']).toBe('STANDARD_IA')
})

it('reads across the seam, and part by part', async () => {
  const { multipart, upload, parts } = await open()
  await multipart.complete(upload, parts)
  const path = `/${multipart.bucket}/k`
  const range = await server().request('GET', path, {
    headers: { range: `bytes=${FIRST.length - 2}-${FIRST.length + 1}` },
  })
  expect(range.text).toBe(`${FIRST.subarray(-2).toString()}la`)
  const part = await server().request('GET', path, { query: { partNumber: '2' } })
  expect([part.status, part.text]).toEqual([206, 'last'])
  expect(part.headers['x-amz-mp-parts-count']).toBe('2')
  expect((await server().request('GET', path, { query: { partNumber: '3' } })).status).toBe(416)
})

it('takes the listed parts only', async () => {
  const { multipart, upload, last } = await open()
  expect(outcome(await multipart.complete(upload, [last]))).toBe('200')
  expect((await multipart.get('k')).text).toBe('last')
})

it('takes one part of any size and number, also an empty one', async () => {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  const etag = await multipart.part(upload, 7, '')
  expect(outcome(await multipart.complete(upload, [{ partNumber: 7, etag }]))).toBe('200')
  const { headers, text } = await multipart.get('k')
  expect([headers['content-length'], text]).toEqual(['0', ''])
})

it('answers a second time what it answered the first', async () => {
  const { multipart, upload, parts } = await open()
  const first = await multipart.complete(upload, parts)
  await server().request('PUT', `/${multipart.bucket}/k`, { body: 'newer' })
  const second = await multipart.complete(upload, parts, { headers: { 'if-none-match': '*' } })
  expect(second.text).toBe(first.text)
  expect((await multipart.get('k')).text).toBe('newer')
})

describe('the list', () => {
  it.each<[string, string, (parts: { first: Listed; last: Listed }) => Listed[]]>([
    ['out of order', 'InvalidPartOrder', ({ first, last }) => [last, first]],
    ['with a part twice', 'InvalidPartOrder', ({ first, last }) => [first, first, last]],
    ['of a part that is not there', 'InvalidPart', ({ first, last }) => [first, { ...last, partNumber: 3 }]],
    ['of part 0', 'InvalidPart', ({ first, last }) => [{ ...first, partNumber: 0 }, last]],
    ['with the ETag of another part', 'InvalidPart', ({ first, last }) => [{ ...first, etag: last.etag }, last]],
    ['of no parts', 'MalformedXML', () => []],
    ['with a number that is none', 'MalformedXML', ({ last }) => [{ ...last, partNumber: 'x' }]],
  ])('%s is refused: %s', async (_case, code, list) => {
    const { multipart, upload, parts, first, last } = await open()
    expect(outcome(await multipart.complete(upload, list({ first, last })))).toBe(code)
    expect(outcome(await multipart.get('k'))).toBe('NoSuchKey')
    expect(outcome(await multipart.complete(upload, parts))).toBe('200')
  })

  it.each([
    ['no document', ''],
    ['half a document', '<CompleteMultipartUpload'],
    ['another document', '<Foo/>'],
  ])('must be one, not %s', async (_case, body) => {
    const { multipart, upload, parts } = await open()
    expect(outcome(await multipart.send('POST', upload, { body }))).toBe('MalformedXML')
    expect(outcome(await multipart.complete(upload, parts))).toBe('200')
  })

  it('may leave the quotes out, and bear a namespace', async () => {
    const { multipart, upload, parts } = await open()
    const bare = completion(parts).replaceAll('"', '')
    const body = bare.replace('Upload>', 'Upload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    expect(outcome(await multipart.send('POST', upload, { body }))).toBe('200')
  })

  it('of a replaced part needs its new ETag', async () => {
    const { multipart, upload, parts, first, last } = await open()
    const etag = await multipart.part(upload, 2, 'other')
    expect(outcome(await multipart.complete(upload, parts))).toBe('InvalidPart')
    expect(outcome(await multipart.complete(upload, [first, { ...last, etag }]))).toBe('200')
  })
})

it('refuses small parts before the last', async () => {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  const put = async (partNumber: number, bytes: number) => ({
    partNumber,
    etag: await multipart.part(upload, partNumber, Buffer.alloc(bytes)),
  })
  const [small, enough, last] = [await put(1, MIN_BYTES - 1), await put(2, MIN_BYTES), await put(3, 1)]
  expect(outcome(await multipart.complete(upload, [small, last]))).toBe('EntityTooSmall')
  expect(outcome(await multipart.complete(upload, [enough, last]))).toBe('200')
})

it('holds the size against the one that the client believes in', async () => {
  const { multipart, upload, parts } = await open()
  const of = async (size: string) =>
    outcome(await multipart.complete(upload, parts, { headers: { 'x-amz-mp-object-size': size } }))
  expect(await of('17')).toBe('InvalidRequest')
  expect(await of('many')).toBe('InvalidArgument')
  expect(await of(String(WHOLE.length))).toBe('200')
})

it('honours conditions', async () => {
  const { multipart, upload, parts } = await open()
  const put = await server().request('PUT', `/${multipart.bucket}/k`, { body: 'old' })
  const of = async (headers: Record<string, string>) => outcome(await multipart.complete(upload, parts, { headers }))
  expect(await of({ 'if-none-match': '*' })).toBe('PreconditionFailed')
  expect(await of({ 'if-match': '"other"' })).toBe('PreconditionFailed')
  expect((await multipart.get('k')).text).toBe('old')
  expect(await of({ 'if-match': String(put.headers.etag) })).toBe('200')
})

describe('checksums', () => {
  it.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('full object %s', async (algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const created = { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': 'FULL_OBJECT' }
    const { multipart, upload, parts } = await open(created)
    const of = (value: string) => multipart.complete(upload, parts, { headers: { [name]: value } })
    expect(outcome(await of(checksum(algorithm, FIRST)))).toBe('BadDigest')
    const answer = await of(checksum(algorithm, WHOLE))
    expect(element(answer.text, `Checksum${algorithm}`)).toBe(checksum(algorithm, WHOLE))
    expect(element(answer.text, 'ChecksumType')).toBe('FULL_OBJECT')
  })

  it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('composite %s', async (algorithm) => {
    const { multipart, upload, parts } = await open({ 'x-amz-checksum-algorithm': algorithm })
    const expected = compositeChecksum(algorithm, [checksum(algorithm, FIRST), checksum(algorithm, LAST)])
    const extra = `<Checksum${algorithm}>${checksum(algorithm, FIRST)}</Checksum${algorithm}>`
    const wrong = [parts[0]!, { ...parts[1]!, extra }]
    expect(outcome(await multipart.complete(upload, wrong))).toBe('InvalidPart')
    const answer = await multipart.complete(upload, [{ ...parts[0]!, extra }, parts[1]!])
    expect(element(answer.text, `Checksum${algorithm}`)).toBe(expected)
    expect(element(answer.text, 'ChecksumType')).toBe('COMPOSITE')
  })

  it('refuses a checksum type that the upload does not have', async () => {
    const { multipart, upload, parts } = await open({ 'x-amz-checksum-algorithm': 'CRC32' })
    const of = async (type: string) =>
      outcome(await multipart.complete(upload, parts, { headers: { 'x-amz-checksum-type': type } }))
    expect(await of('FULL_OBJECT')).toBe('InvalidRequest')
    expect(await of('COMPOSITE')).toBe('200')
  })
})

describe('with versions', () => {
  it('adds a version under enabled versioning', async () => {
    const { multipart, upload, parts } = await open()
    await setVersioning(server(), multipart.bucket, 'Enabled')
    await server().request('PUT', `/${multipart.bucket}/k`, { body: 'old' })
    const first = await multipart.complete(upload, parts)
    const versionId = String(first.headers['x-amz-version-id'])
    expect(versionId).toMatch(/^[A-Za-z0-9.-]{31}$/)
    expect((await multipart.get('k')).headers['x-amz-version-id']).toBe(versionId)
    const second = await multipart.complete(upload, parts)
    expect(second.headers['x-amz-version-id']).toBe(versionId)
    const { text } = await server().request('GET', `/${multipart.bucket}`, { query: { versions: undefined } })
    expect(elements(text, 'VersionId')).toHaveLength(2)
  })

  it('replaces the null version under suspended versioning', async () => {
    const { multipart, upload, parts } = await open()
    await server().request('PUT', `/${multipart.bucket}/k`, { body: 'null version' })
    await setVersioning(server(), multipart.bucket, 'Suspended')
    expect(outcome(await multipart.complete(upload, parts))).toBe('200')
    const { text } = await server().request('GET', `/${multipart.bucket}`, { query: { versions: undefined } })
    expect(elements(text, 'VersionId')).toEqual(['null'])
    expect((await multipart.get('k')).body.equals(WHOLE)).toBe(true)
  })
})

it('is for those who may write, and for uploads that are there', async () => {
  const { multipart, upload, parts } = await open()
  expect(outcome(await multipart.complete(upload, parts, { as: 'alt' }))).toBe('AccessDenied')
  expect(outcome(await multipart.complete(upload, parts, { as: 'anonymous' }))).toBe('AccessDenied')
  expect(outcome(await multipart.complete({ ...upload, uploadId: '2~none' }, parts))).toBe('NoSuchUpload')
  expect(outcome(await multipart.complete({ ...upload, key: 'other' }, parts))).toBe('NoSuchUpload')
  expect(outcome(await multipart.complete(upload, parts))).toBe('200')
})

it('makes no public object where public ACLs are blocked meanwhile', async () => {
  const { multipart, upload, parts } = await open({ 'x-amz-acl': 'public-read' })
  const body =
    '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>'
  const query = { publicAccessBlock: undefined }
  expect((await server().request('PUT', `/${multipart.bucket}`, { query, body })).status).toBe(200)
  expect(outcome(await multipart.complete(upload, parts))).toBe('AccessDenied')
  expect(outcome(await multipart.get('k'))).toBe('NoSuchKey')
  expect((await server().request('DELETE', `/${multipart.bucket}`, { query })).status).toBe(204)
  expect((await multipart.complete(upload, parts)).status).toBe(200)
  expect((await server().request('GET', `/${multipart.bucket}/k`, { as: 'anonymous' })).status).toBe(200)
})

describe('races', () => {
  it('64 completions at once make one version and give one answer', async () => {
    const { multipart, upload, parts } = await open()
    await setVersioning(server(), multipart.bucket, 'Enabled')
    const answers = await Promise.all(Array.from({ length: 64 }, () => multipart.complete(upload, parts)))
    expect(new Set(answers.map((answer) => `${answer.headers['x-amz-version-id']} ${answer.text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(200)
    const { text } = await server().request('GET', `/${multipart.bucket}`, { query: { versions: undefined } })
    expect(elements(text, 'VersionId')).toHaveLength(1)
  })

  it('either a completion or an abort wins', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { multipart, upload, parts } = await open()
      const complete = () => multipart.complete(upload, parts)
      const abort = () => multipart.send('DELETE', upload)
      const both = round % 2 === 0 ? [complete(), abort()] : [abort(), complete()]
      const [one, other] = (await Promise.all(both)).map(outcome)
      const isCompleted = [one, other].includes('200')
      expect([one, other].toSorted()).toEqual([isCompleted ? '200' : '204', 'NoSuchUpload'])
      expect(outcome(await multipart.get('k'))).toBe(isCompleted ? '200' : 'NoSuchKey')
    }
  })

  it('a bucket deleted meanwhile takes its uploads along', async () => {
    const { multipart, upload, parts } = await open()
    expect(outcome(await server().request('DELETE', `/${multipart.bucket}`))).toBe('204')
    expect(outcome(await multipart.complete(upload, parts))).toBe('NoSuchBucket')
    await server().request('PUT', `/${multipart.bucket}`)
    expect(outcome(await multipart.complete(upload, parts))).toBe('NoSuchUpload')
  })
})

it('completes a thousand parts', async () => {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k', { 'x-amz-checksum-algorithm': 'CRC64NVME' }) }
  const bodies = Array.from({ length: 1000 }, (_, index) => Buffer.alloc(MIN_BYTES, `part ${index}`))
  const parts: Listed[] = []
  for (let at = 0; at < bodies.length; at += 50) {
    const batch = bodies.slice(at, at + 50).map(async (body, index) => {
      const partNumber = at + index + 1
      return { partNumber, etag: await multipart.part(upload, partNumber, body) }
    })
    parts.push(...(await Promise.all(batch)))
  }
  const answer = await multipart.complete(upload, parts)
  expect(element(answer.text, 'ETag')).toMatch(/^[0-9a-f]{32}-1000$/)
  const whole = Buffer.concat(bodies)
  expect(element(answer.text, 'ChecksumCRC64NVME')).toBe(checksum('CRC64NVME', whole))
  expect((await multipart.get('k')).body.equals(whole)).toBe(true)
})

it('prints the location as RGW does', async () => {
  const { multipart, upload, parts } = await open({}, rgw())
  const answer = await multipart.complete(upload, parts)
  expect(element(answer.text, 'Location')).toBe(`127.0.0.1:${rgw().port}/${multipart.bucket}/k`)
})

it('tells no list of parts from an empty one, as AWS does', async () => {
  const { multipart, upload, parts } = await open({}, aws())
  const complete = (body: string) => multipart.send('POST', upload, { body })
  const missing = await complete('')
  expect(outcome(missing)).toBe('InvalidRequest')
  expect(missing.text).toContain('You must specify at least one part')
  expect(outcome(await complete('<CompleteMultipartUpload/>'))).toBe('MalformedXML')
  expect(outcome(await multipart.complete(upload, parts))).toBe('200')
})

describe('the SDK', () => {
  it('uploads in parts with its own checksums', async () => {
    const { bucket: Bucket } = await multipartBucket(aws())
    const client = aws().s3()
    const at = { Bucket, Key: 'dir/k ü' }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' }))
    const Parts = []
    for (const [index, Body] of [FIRST, LAST].entries()) {
      const PartNumber = index + 1
      const part = { ...at, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' } as const
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(part))
      Parts.push({ PartNumber, ETag, ChecksumCRC32 })
    }
    const complete = { ...at, UploadId, MultipartUpload: { Parts } }
    const answer = await client.send(new CompleteMultipartUploadCommand(complete))
    expect(answer).toMatchObject({ ETag: `"${ETAG}"`, ChecksumType: 'COMPOSITE', Bucket, Key: at.Key })
    expect(answer.ChecksumCRC32).toMatch(/-2$/)
    const object = await client.send(new GetObjectCommand(at))
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(WHOLE)).toBe(true)
    const head = await client.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({ ChecksumCRC32: answer.ChecksumCRC32, ChecksumType: 'COMPOSITE' })
    const ObjectAttributes = ['ObjectParts' as const]
    const { ObjectParts } = await client.send(new GetObjectAttributesCommand({ ...at, ObjectAttributes }))
    expect(ObjectParts?.TotalPartsCount).toBe(2)
  })

  it('is refused a composite upload without checksums in the list, as by AWS', async () => {
    const { multipart, upload, parts } = await open({}, aws())
    expect(outcome(await multipart.complete(upload, parts))).toBe('200')
    const composite = { key: 'k', uploadId: await multipart.create('k', { 'x-amz-checksum-algorithm': 'SHA256' }) }
    const put = (headers: Record<string, string>) =>
      multipart.send('PUT', composite, { query: { partNumber: '1' }, body: LAST, headers })
    expect(outcome(await put({}))).toBe('InvalidRequest')
    expect(outcome(await put({ 'x-amz-checksum-sha256': checksum('SHA256', LAST) }))).toBe('200')
    const listed = { partNumber: 1, etag: md5(LAST).toString('hex') }
    expect(outcome(await multipart.complete(composite, [listed]))).toBe('InvalidRequest')
    const extra = `<ChecksumSHA256>${checksum('SHA256', LAST)}</ChecksumSHA256>`
    expect(outcome(await multipart.complete(composite, [{ ...listed, extra }]))).toBe('200')
  })
})
