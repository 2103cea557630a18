import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { element, multipartBucket, outcome } from '../support/multipart.ts'
import { uniqueName, useServer } from '../support/server.ts'

const server = useServer()

const create = (path: string, headers: Record<string, string> = {}, as: 'root' | 'alt' | 'anonymous' = 'root') =>
  server().request('POST', path, { query: { uploads: undefined }, headers, as })

it('answers with an upload id in the form of RGW', async () => {
  const { bucket } = await multipartBucket(server())
  const answer = await create(`/${bucket}/dir/file`)
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/xml')
  const uploadId = element(answer.text, 'UploadId')
  expect(uploadId).toMatch(/^2~[A-Za-z0-9_-]{31}$/)
  expect(answer.text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Bucket>${bucket}</Bucket><Key>dir/file</Key><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
  )
  expect(element((await create(`/${bucket}/dir/file`)).text, 'UploadId')).not.toBe(uploadId)
})

it('serves the SDK', async () => {
  const { bucket } = await multipartBucket(server())
  const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'k', ChecksumAlgorithm: 'SHA256' })
  const answer = await server().s3().send(command)
  expect(answer).toMatchObject({ Bucket: bucket, Key: 'k', ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' })
})

it.each([
  ['CRC32', undefined, 'COMPOSITE'],
  ['CRC32', 'FULL_OBJECT', 'FULL_OBJECT'],
  ['CRC32C', undefined, 'COMPOSITE'],
  ['CRC32C', 'FULL_OBJECT', 'FULL_OBJECT'],
  ['CRC64NVME', undefined, 'FULL_OBJECT'],
  ['CRC64NVME', 'COMPOSITE', 'InvalidRequest'],
  ['SHA1', undefined, 'COMPOSITE'],
  ['SHA1', 'FULL_OBJECT', 'InvalidRequest'],
  ['SHA256', 'COMPOSITE', 'COMPOSITE'],
  ['SHA256', 'FULL_OBJECT', 'InvalidRequest'],
  ['MD4', undefined, 'InvalidRequest'],
  ['CRC32', 'HALF', 'InvalidRequest'],
])('checksum %s of type %s: %s', async (algorithm, type, expected) => {
  const { bucket } = await multipartBucket(server())
  const headers = {
    'x-amz-checksum-algorithm': algorithm,
    ...(type === undefined ? {} : { 'x-amz-checksum-type': type }),
  }
  const answer = await create(`/${bucket}/k`, headers)
  if (expected === 'InvalidRequest') return expect(outcome(answer)).toBe(expected)
  expect(answer.headers).toMatchObject({ 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': expected })
})

it('refuses a checksum type without an algorithm', async () => {
  const { bucket } = await multipartBucket(server())
  expect(outcome(await create(`/${bucket}/k`, { 'x-amz-checksum-type': 'COMPOSITE' }))).toBe('InvalidRequest')
  expect(outcome(await create(`/${bucket}/k`))).toBe('200')
})

it('refuses what it cannot keep', async () => {
  const { bucket } = await multipartBucket(server())
  const of = async (headers: Record<string, string>, key = 'k') => outcome(await create(`/${bucket}/${key}`, headers))
  expect(await of({ 'x-amz-storage-class': 'NOPE' })).toBe('InvalidArgument')
  expect(await of({ 'x-amz-storage-class': 'STANDARD_IA' })).toBe('200')
  expect(await of({ 'x-amz-server-side-encryption': 'AES256' })).toBe('NotImplemented')
  expect(await of({ 'x-amz-object-lock-legal-hold': 'ON' })).toBe('InvalidRequest')
  expect(await of({}, 'k'.repeat(1025))).toBe('InvalidObjectName')
  expect(await of({}, 'k'.repeat(1024))).toBe('200')
})

it('keeps an object lock where the bucket has one', async () => {
  const bucket = uniqueName('locked')
  await server().request('PUT', `/${bucket}`, { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  expect(outcome(await create(`/${bucket}/k`, { 'x-amz-object-lock-legal-hold': 'ON' }))).toBe('200')
})

it('leaves a bucket alone that is not whose the client believes', async () => {
  const { bucket } = await multipartBucket(server())
  const of = async (owner: string) => outcome(await create(`/${bucket}/k`, { 'x-amz-expected-bucket-owner': owner }))
  expect(await of('somebody')).toBe('AccessDenied')
  expect(await of(server().root.id)).toBe('200')
})

it('is for those who may write', async () => {
  const { bucket } = await multipartBucket(server())
  expect(outcome(await create(`/${bucket}/k`, {}, 'alt'))).toBe('AccessDenied')
  expect(outcome(await create(`/${bucket}/k`, {}, 'anonymous'))).toBe('AccessDenied')
  expect(outcome(await create(`/${bucket}/k`))).toBe('200')
  expect(outcome(await create(`/${uniqueName('none')}/k`))).toBe('NoSuchBucket')
})
