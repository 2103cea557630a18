import { createHash } from 'node:crypto'
import { UploadPartCopyCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { checksum } from '../../src/lib/checksums.ts'
import { element, elements, multipartBucket, outcome, setVersioning } from '../support/multipart.ts'
import { uniqueName, useServer } from '../support/server.ts'

const PART_BYTES_MAX = 250_000
const server = useServer({ config: { limits: { putBytesMax: PART_BYTES_MAX } } })
const aws = useServer({ config: { dialect: 'aws' } })

const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex')
/** Larger than what is kept inline, so that a slice is one of a file. */
const LARGE = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

async function open(source: Buffer | string, headers: Record<string, string> = {}) {
  const multipart = await multipartBucket(server())
  const put = await server().request('PUT', `/${multipart.bucket}/source`, { body: source })
  expect(put.status).toBe(200)
  const upload = { key: 'k', uploadId: await multipart.create('k', headers) }
  const copy = (own: Record<string, string> = {}, as: 'root' | 'alt' | 'anonymous' = 'root') =>
    multipart.send('PUT', upload, {
      query: { partNumber: '1' },
      headers: { 'x-amz-copy-source': `/${multipart.bucket}/source`, ...own },
      as,
    })
  const completed = async () => {
    const { text } = await multipart.send('GET', upload)
    const etag = element(text, 'ETag').replaceAll('&quot;', '')
    const answer = await multipart.complete(upload, [{ partNumber: 1, etag }])
    expect(outcome(answer)).toBe('200')
    return (await multipart.get('k')).body
  }
  return { multipart, upload, copy, completed }
}

it.each([
  ['inline', 'a small source'],
  ['file', LARGE],
  ['empty', ''],
])('copies a whole object (%s)', async (_place, source) => {
  const { copy, completed } = await open(source)
  const answer = await copy()
  expect(answer.status, answer.text).toBe(200)
  expect(element(answer.text, 'ETag')).toBe(md5(source))
  expect(element(answer.text, 'LastModified')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect((await completed()).equals(Buffer.from(source))).toBe(true)
})

it.each([
  ['inline', Buffer.from('0123456789'), 2, 5],
  ['file', LARGE, 70_000, 140_000],
  ['one byte', LARGE, 199_999, 199_999],
])('copies a range (%s)', async (_place, source, first, last) => {
  const { copy, completed } = await open(source)
  const answer = await copy({ 'x-amz-copy-source-range': `bytes=${first}-${last}` })
  const expected = source.subarray(first, last + 1)
  expect(element(answer.text, 'ETag')).toBe(md5(expected))
  expect((await completed()).equals(expected)).toBe(true)
})

it('reads a multipart object for the MD5 that its ETag is not', async () => {
  const { multipart, copy } = await open('x')
  const made = { key: 'source', uploadId: await multipart.create('source') }
  const etag = await multipart.part(made, 1, LARGE)
  expect(outcome(await multipart.complete(made, [{ partNumber: 1, etag }]))).toBe('200')
  expect(element((await copy()).text, 'ETag')).toBe(md5(LARGE))
})

it('stays what it was when the source is overwritten', async () => {
  const { multipart, copy, completed } = await open(LARGE)
  await copy()
  await server().request('PUT', `/${multipart.bucket}/source`, { body: 'other' })
  expect((await completed()).equals(LARGE)).toBe(true)
})

it.each(['CRC32', 'SHA256', 'CRC64NVME'] as const)("computes the upload's %s", async (algorithm) => {
  const { copy } = await open(LARGE, { 'x-amz-checksum-algorithm': algorithm })
  expect(element((await copy()).text, `Checksum${algorithm}`)).toBe(checksum(algorithm, LARGE))
  const { text } = await copy({ 'x-amz-copy-source-range': 'bytes=0-9' })
  expect(element(text, `Checksum${algorithm}`)).toBe(checksum(algorithm, LARGE.subarray(0, 10)))
})

it('refuses ranges that are none or that the source does not have', async () => {
  const { copy } = await open('0123456789')
  const of = async (range: string) => outcome(await copy({ 'x-amz-copy-source-range': range }))
  expect(await of('bytes=5-10')).toBe('InvalidRange')
  expect(await of('bytes=10-12')).toBe('InvalidRange')
  expect(await of('bytes=5-')).toBe('InvalidRange')
  expect(await of('0-9')).toBe('InvalidArgument')
  expect(await of('bytes=-5')).toBe('InvalidArgument')
  expect(await of('bytes=0-9')).toBe('200')
})

it('copies versions, and no delete markers', async () => {
  const { multipart, copy } = await open('null version')
  const { bucket } = multipart
  await setVersioning(server(), bucket, 'Enabled')
  const put = await server().request('PUT', `/${bucket}/source`, { body: 'newer' })
  const newer = String(put.headers['x-amz-version-id'])
  const removed = await server().request('DELETE', `/${bucket}/source`)
  const marker = String(removed.headers['x-amz-version-id'])
  const of = (versionId: string) => copy({ 'x-amz-copy-source': `${bucket}/source?versionId=${versionId}` })
  expect(element((await of('null')).text, 'ETag')).toBe(md5('null version'))
  const answer = await of(newer)
  expect(element(answer.text, 'ETag')).toBe(md5('newer'))
  expect(answer.headers['x-amz-copy-source-version-id']).toBe(newer)
  expect(outcome(await copy())).toBe('NoSuchKey')
  expect(outcome(await of(marker))).toBe('NoSuchKey')
  expect(outcome(await of('nosuchversionnosuchversionnosuc'))).toBe('NoSuchKey')
})

it('holds the four conditions against the source', async () => {
  const { copy } = await open('source')
  const etag = `"${md5('source')}"`
  const past = 'Sat, 01 Jan 2000 00:00:00 GMT'
  const of = async (name: string, value: string) => outcome(await copy({ [`x-amz-copy-source-if-${name}`]: value }))
  expect(await of('match', '"x"')).toBe('PreconditionFailed')
  expect(await of('match', etag)).toBe('200')
  expect(await of('none-match', etag)).toBe('PreconditionFailed')
  expect(await of('none-match', '"x"')).toBe('200')
  expect(await of('unmodified-since', past)).toBe('PreconditionFailed')
  expect(await of('modified-since', past)).toBe('200')
})

it('names what is missing', async () => {
  const { multipart, upload, copy } = await open('source')
  const of = async (source: string) => outcome(await copy({ 'x-amz-copy-source': source }))
  expect(await of(`/${multipart.bucket}/none`)).toBe('NoSuchKey')
  expect(await of(`/${uniqueName('none')}/source`)).toBe('NoSuchBucket')
  expect(await of('nonsense')).toBe('InvalidArgument')
  expect(await of(`/${multipart.bucket}/source`)).toBe('200')
  await multipart.send('DELETE', upload)
  expect(outcome(await copy())).toBe('NoSuchUpload')
})

it('refuses a part larger than a part may be', async () => {
  const { multipart, upload, copy } = await open(LARGE)
  const big = { key: 'source', uploadId: await multipart.create('source') }
  const etags = [await multipart.part(big, 1, LARGE), await multipart.part(big, 2, LARGE)]
  await multipart.complete(
    big,
    etags.map((etag, index) => ({ partNumber: index + 1, etag })),
  )
  expect(outcome(await copy())).toBe('InvalidRequest')
  expect(outcome(await copy({ 'x-amz-copy-source-range': `bytes=1-${PART_BYTES_MAX}` }))).toBe('200')
  const { text } = await multipart.send('GET', upload)
  expect(elements(text, 'Size')).toEqual([String(PART_BYTES_MAX)])
})

it('is for those who may read the source and write the destination', async () => {
  const { multipart, copy } = await open('source')
  expect(outcome(await copy({}, 'alt'))).toBe('AccessDenied')
  expect(outcome(await copy({}, 'anonymous'))).toBe('AccessDenied')
  expect(outcome(await copy())).toBe('200')
  const mine = uniqueName('alt')
  await server().request('PUT', `/${mine}`, { as: 'alt' })
  const started = await server().request('POST', `/${mine}/k`, { query: { uploads: undefined }, as: 'alt' })
  const query = { partNumber: '1', uploadId: element(started.text, 'UploadId') }
  const of = async (source: string) =>
    outcome(await server().request('PUT', `/${mine}/k`, { query, headers: { 'x-amz-copy-source': source }, as: 'alt' }))
  await server().request('PUT', `/${mine}/own`, { body: 'own', as: 'alt' })
  expect(await of(`${multipart.bucket}/source`)).toBe('AccessDenied')
  expect(await of(`${mine}/own`)).toBe('200')
})

it('quotes the ETag for the SDK of AWS', async () => {
  const multipart = await multipartBucket(aws())
  await aws().request('PUT', `/${multipart.bucket}/source`, { body: 'source' })
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  const CopySource = `${multipart.bucket}/source`
  const command = { Bucket: multipart.bucket, Key: 'k', UploadId: upload.uploadId, PartNumber: 1, CopySource }
  const answer = await aws().s3().send(new UploadPartCopyCommand(command))
  expect(answer.CopyPartResult?.ETag).toBe(`"${md5('source')}"`)
})
