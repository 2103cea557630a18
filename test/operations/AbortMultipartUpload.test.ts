import { AbortMultipartUploadCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { multipartBucket, outcome } from '../support/multipart.ts'
import { useServer } from '../support/server.ts'

const server = useServer()

async function open() {
  const multipart = await multipartBucket(server())
  const upload = { key: 'k', uploadId: await multipart.create('k') }
  const etag = await multipart.part(upload, 1, 'part')
  return { multipart, upload, parts: [{ partNumber: 1, etag }] }
}

it('closes the upload for everything', async () => {
  const { multipart, upload, parts } = await open()
  const answer = await multipart.send('DELETE', upload)
  expect([answer.status, answer.text]).toEqual([204, ''])
  expect(outcome(await multipart.send('DELETE', upload))).toBe('NoSuchUpload')
  expect(outcome(await multipart.send('PUT', upload, { query: { partNumber: '1' }, body: 'x' }))).toBe('NoSuchUpload')
  expect(outcome(await multipart.complete(upload, parts))).toBe('NoSuchUpload')
  expect(outcome(await multipart.get('k'))).toBe('NoSuchKey')
})

it('closes no upload that it cannot find', async () => {
  const { multipart, upload, parts } = await open()
  expect(outcome(await multipart.send('DELETE', { ...upload, key: 'other' }))).toBe('NoSuchUpload')
  expect(outcome(await multipart.send('DELETE', { key: 'k', uploadId: 'none' }))).toBe('NoSuchUpload')
  expect(outcome(await multipart.complete(upload, parts))).toBe('200')
})

it('is too late for a completed upload', async () => {
  const { multipart, upload, parts } = await open()
  expect(outcome(await multipart.complete(upload, parts))).toBe('200')
  expect(outcome(await multipart.send('DELETE', upload))).toBe('NoSuchUpload')
  expect((await multipart.get('k')).text).toBe('part')
})

it('is for those who may write', async () => {
  const { multipart, upload } = await open()
  expect(outcome(await multipart.send('DELETE', upload, { as: 'alt' }))).toBe('AccessDenied')
  expect(outcome(await multipart.send('DELETE', upload, { as: 'anonymous' }))).toBe('AccessDenied')
  expect(outcome(await multipart.send('DELETE', upload))).toBe('204')
})

it('serves the SDK', async () => {
  const { multipart, upload } = await open()
  const command = new AbortMultipartUploadCommand({ Bucket: multipart.bucket, Key: 'k', UploadId: upload.uploadId })
  const answer = await server().s3().send(command)
  expect(answer.$metadata.httpStatusCode).toBe(204)
})
