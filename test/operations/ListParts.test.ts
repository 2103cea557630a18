import { ListPartsCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { checksum } from '../../src/lib/checksums.ts'
import { element, elements, multipartBucket, outcome } from '../support/multipart.ts'
import { useServer } from '../support/server.ts'

const server = useServer()
const aws = useServer({ config: { dialect: 'aws' } })
const rgw = useServer({ config: { dialect: 'rgw' } })

async function open(numbers: readonly number[], headers: Record<string, string> = {}) {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k', headers) }
  for (const number of numbers) await multipart.part(upload, number, 'x'.repeat(number))
  const list = (query: Record<string, string> = {}, as: 'root' | 'alt' | 'anonymous' = 'root') =>
    multipart.send('GET', upload, { query, as })
  return { multipart, upload, list }
}

it('prints what RGW prints, in its order', async () => {
  const { multipart, upload, list } = await open([2])
  const { text, status } = await list()
  expect(status).toBe(200)
  const modified = element(text, 'LastModified')
  expect(modified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Bucket>${multipart.bucket}</Bucket><Key>k</Key><UploadId>${upload.uploadId}</UploadId>` +
      '<StorageClass>STANDARD</StorageClass><PartNumberMarker>0</PartNumberMarker>' +
      '<NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>' +
      `<Owner><ID></ID><DisplayName></DisplayName></Owner><Part><LastModified>${modified}</LastModified>` +
      '<PartNumber>2</PartNumber><ETag>&quot;9336ebf25087d91c818ee6e9ec29f8c1&quot;</ETag><Size>2</Size></Part>' +
      '</ListPartsResult>',
  )
})

it('pages through the parts in the order of their numbers', async () => {
  const { list } = await open([7, 2, 10, 1])
  const page = async (query: Record<string, string>) => {
    const { text } = await list(query)
    return [
      elements(text, 'PartNumber').map(Number),
      element(text, 'NextPartNumberMarker'),
      element(text, 'IsTruncated'),
    ]
  }
  expect(await page({ 'max-parts': '2' })).toEqual([[1, 2], '2', 'true'])
  expect(await page({ 'max-parts': '2', 'part-number-marker': '2' })).toEqual([[7, 10], '10', 'false'])
  expect(await page({ 'part-number-marker': '10' })).toEqual([[], '10', 'false'])
  expect(await page({ 'max-parts': '0' })).toEqual([[], '0', 'true'])
  expect(element((await list({ 'max-parts': '5000' })).text, 'MaxParts')).toBe('1000')
})

it('is empty before the first part', async () => {
  const { text } = await (await open([])).list()
  expect(elements(text, 'PartNumber')).toEqual([])
  expect(element(text, 'NextPartNumberMarker')).toBe('0')
})

it('lists the checksums of an upload that has them', async () => {
  const { list } = await open([3], { 'x-amz-checksum-algorithm': 'SHA256' })
  const { text } = await list()
  expect(element(text, 'ChecksumAlgorithm')).toBe('SHA256')
  expect(element(text, 'ChecksumType')).toBe('COMPOSITE')
  expect(element(text, 'ChecksumSHA256')).toBe(checksum('SHA256', Buffer.from('xxx')))
})

it('refuses numbers that are none', async () => {
  const { list } = await open([1])
  expect(outcome(await list({ 'max-parts': 'abc' }))).toBe('InvalidArgument')
  expect(outcome(await list({ 'part-number-marker': 'abc' }))).toBe('InvalidArgument')
  expect(outcome(await list({ 'max-parts': '1', 'part-number-marker': '0' }))).toBe('200')
})

it('knows only open uploads, by id and key', async () => {
  const { multipart, upload, list } = await open([1])
  expect(outcome(await multipart.send('GET', { ...upload, key: 'other' }))).toBe('NoSuchUpload')
  expect(outcome(await list())).toBe('200')
  await multipart.send('DELETE', upload)
  expect(outcome(await list())).toBe('NoSuchUpload')
})

it('calls a missing upload what RGW calls it, in its dialect', async () => {
  const multipart = await multipartBucket(rgw())
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  expect(outcome(await multipart.send('GET', { ...upload, uploadId: '2~none' }))).toBe('NoSuchKey')
  expect(outcome(await multipart.send('GET', upload))).toBe('200')
})

it('is for those who may upload', async () => {
  const { list } = await open([1])
  expect(outcome(await list({}, 'alt'))).toBe('AccessDenied')
  expect(outcome(await list({}, 'anonymous'))).toBe('AccessDenied')
  expect(outcome(await list())).toBe('200')
})

it('names initiator and owner where AWS does', async () => {
  const multipart = await multipartBucket(aws())
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  const etag = await multipart.part(upload, 1, 'x')
  const command = new ListPartsCommand({ Bucket: multipart.bucket, Key: 'k', UploadId: upload.uploadId })
  const answer = await aws().s3().send(command)
  expect(answer.Owner?.ID).toBe(aws().root.id)
  expect(answer.Initiator).toEqual(answer.Owner)
  expect(answer.Parts).toMatchObject([{ PartNumber: 1, ETag: `"${etag}"`, Size: 1 }])
})
