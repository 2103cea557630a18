import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { PassThrough } from 'node:stream'
import { UploadPartCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/lib/checksums.ts'
import { customerKey } from '../support/encryption.ts'
import { elements, multipartBucket, outcome } from '../support/multipart.ts'
import { useServer } from '../support/server.ts'
import { signV4 } from '../support/sign.ts'

const PART_BYTES_MAX = 300_000
const server = useServer({ config: { limits: { putBytesMax: PART_BYTES_MAX } } })

const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes)

async function open(headers: Record<string, string> = {}) {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k', headers) }
  const put = (partNumber: string, body: Buffer | string, own: Record<string, string> = {}) =>
    multipart.send('PUT', upload, { query: { partNumber }, body, headers: own })
  return { multipart, upload, put }
}

it('answers with the MD5 of the part', async () => {
  const { put } = await open()
  const body = Buffer.alloc(200_000, 'x')
  const answer = await put('1', body)
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    etag: `"${md5(body).digest('hex')}"`,
    'content-length': '0',
    'accept-ranges': 'bytes',
  })
  expect((await put('2', '')).headers.etag).toBe('"d41d8cd98f00b204e9800998ecf8427e"')
})

it('serves the SDK, whose checksum comes back', async () => {
  const { multipart, upload } = await open({ 'x-amz-checksum-algorithm': 'CRC32' })
  const Body = Buffer.from('part')
  const command = { Bucket: multipart.bucket, Key: 'k', UploadId: upload.uploadId, PartNumber: 1, Body }
  const answer = await server().s3().send(new UploadPartCommand(command))
  expect(answer).toMatchObject({ ETag: `"${md5(Body).digest('hex')}"`, ChecksumCRC32: checksum('CRC32', Body) })
})

it.each(['0', '-1', '10001', 'abc', '', '1.5'])('refuses part number %j', async (partNumber) => {
  const { put } = await open()
  expect(outcome(await put(partNumber, 'x'))).toBe('InvalidArgument')
  expect(outcome(await put('1', 'x'))).toBe('200')
  expect(outcome(await put('10000', 'x'))).toBe('200')
})

it('replaces a part of the same number', async () => {
  const { multipart, upload, put } = await open()
  await put('1', 'first')
  await put('1', 'second!')
  const { text } = await multipart.send('GET', upload)
  expect(elements(text, 'Size')).toEqual(['7'])
})

it('knows the upload by its id, key and bucket together', async () => {
  const { multipart, upload } = await open()
  const of = async (at: typeof upload) =>
    outcome(await multipart.send('PUT', at, { query: { partNumber: '1' }, body: 'x' }))
  expect(await of({ key: 'k', uploadId: '2~nosuchuploadnosuchuploadnosuch' })).toBe('NoSuchUpload')
  expect(await of({ ...upload, key: 'other' })).toBe('NoSuchUpload')
  const other = await multipartBucket(server())
  expect(outcome(await other.send('PUT', upload, { query: { partNumber: '1' }, body: 'x' }))).toBe('NoSuchUpload')
  expect(await of(upload)).toBe('200')
})

it('checks the digests of the part', async () => {
  const { put } = await open()
  const of = async (headers: Record<string, string>) => outcome(await put('1', 'part', headers))
  expect(await of({ 'content-md5': md5('other').digest('base64') })).toBe('BadDigest')
  expect(await of({ 'content-md5': 'no' })).toBe('InvalidDigest')
  expect(await of({ 'content-md5': md5('part').digest('base64') })).toBe('200')
  expect(await of({ 'x-amz-checksum-sha1': checksum('SHA1', Buffer.from('other')) })).not.toBe('200')
  expect(await of({ 'x-amz-checksum-sha1': checksum('SHA1', Buffer.from('part')) })).toBe('200')
})

describe('of an upload with a checksum algorithm', () => {
  it('refuses the checksum of another one', async () => {
    const { put } = await open({ 'x-amz-checksum-algorithm': 'SHA256' })
    const part = Buffer.from('part')
    expect(outcome(await put('1', part, { 'x-amz-checksum-crc32': checksum('CRC32', part) }))).toBe('InvalidRequest')
    const answer = await put('1', part, { 'x-amz-checksum-sha256': checksum('SHA256', part) })
    expect(answer.headers['x-amz-checksum-sha256']).toBe(checksum('SHA256', part))
  })

  it('computes the checksum that the client leaves out', async () => {
    const { put } = await open({ 'x-amz-checksum-algorithm': 'CRC64NVME' })
    const answer = await put('1', 'part')
    expect(answer.headers['x-amz-checksum-crc64nvme']).toBe(checksum('CRC64NVME', Buffer.from('part')))
  })
})

it('takes no part that is too large', async () => {
  const { put } = await open()
  expect(outcome(await put('1', Buffer.alloc(PART_BYTES_MAX + 1)))).toBe('EntityTooLarge')
  expect(outcome(await put('1', Buffer.alloc(PART_BYTES_MAX)))).toBe('200')
})

it('refuses encryption that its upload does not have', async () => {
  const { put } = await open()
  expect(outcome(await put('1', 'x', customerKey().headers))).toBe('InvalidRequest')
  expect(outcome(await put('1', 'x', { 'x-amz-server-side-encryption': 'AES256' }))).toBe('InvalidArgument')
  expect(outcome(await put('1', 'x'))).toBe('200')
})

it('is for those who may write', async () => {
  const { multipart, upload } = await open()
  const of = async (as: 'root' | 'alt' | 'anonymous') =>
    outcome(await multipart.send('PUT', upload, { query: { partNumber: '1' }, body: 'x', as }))
  expect(await of('alt')).toBe('AccessDenied')
  expect(await of('anonymous')).toBe('AccessDenied')
  expect(await of('root')).toBe('200')
})

it.each([100, 200_000])('fails when the upload is aborted while its %d bytes come in', async (sizeBytes) => {
  const { multipart, upload } = await open()
  const body = Buffer.alloc(sizeBytes, 'x')
  const path = `/${multipart.bucket}/k`
  const query = `partNumber=1&uploadId=${encodeURIComponent(upload.uploadId)}`
  const host = `127.0.0.1:${server().port}`
  const headers = signV4({ method: 'PUT', url: { host, path, query }, headers: {}, body }, server().root)
  const source = new PassThrough()
  const answer = new Promise<string>((resolve, reject) => {
    const target = { host: '127.0.0.1', port: server().port, method: 'PUT', path: `${path}?${query}` }
    const outgoing = httpRequest({ ...target, headers: { ...headers, 'content-length': sizeBytes } }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject)
      response.on('end', () => resolve(Buffer.concat(pieces).toString()))
    })
    outgoing.on('error', reject)
    source.pipe(outgoing)
  })
  source.write(body.subarray(0, sizeBytes / 2))
  // Part 2 goes through, so the first half of part 1 has reached the server before the abort does.
  await multipart.part(upload, 2, 'x')
  expect(outcome(await multipart.send('DELETE', upload))).toBe('204')
  source.end(body.subarray(sizeBytes / 2))
  expect(await answer).toContain('<Code>NoSuchUpload</Code>')
})
