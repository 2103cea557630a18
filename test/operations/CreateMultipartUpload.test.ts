import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { shownAcl } from '../support/acl.ts'
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
  expect(await of({ 'x-amz-server-side-encryption': 'aws:kms:dsse' })).toBe('NotImplemented')
  expect(await of({ 'x-amz-object-lock-legal-hold': 'ON' })).toBe('InvalidRequest')
  expect(await of({}, 'k'.repeat(1025))).toBe('InvalidObjectName')
  expect(await of({}, 'k'.repeat(1024))).toBe('200')
})

it('remembers the ACL, and who it is for', async () => {
  const { bucket } = await multipartBucket(server())
  const grants = { 'x-amz-grant-read': 'id=alt', 'x-amz-grant-full-control': 'id=cozos' }
  for (const [headers, expected] of [
    [{}, 'cozos: cozos FULL_CONTROL'],
    [{ 'x-amz-acl': 'public-read' }, 'cozos: AllUsers READ, cozos FULL_CONTROL'],
    [grants, 'cozos: alt READ, cozos FULL_CONTROL'],
  ] as const) {
    const uploadId = /<UploadId>([^<]+)/.exec((await create(`/${bucket}/k`, headers)).text)?.[1]
    const part = await server().request('PUT', `/${bucket}/k`, { query: { partNumber: '1', uploadId }, body: 'x' })
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
    expect(outcome(await server().request('POST', `/${bucket}/k`, { query: { uploadId }, body }))).toBe('200')
    expect(await shownAcl(server(), `/${bucket}/k`)).toBe(expected)
  }
  expect(outcome(await create(`/${bucket}/k`, { 'x-amz-grant-read': 'id=nobody' }))).toBe('InvalidArgument')
  expect(outcome(await create(`/${bucket}/k`, { 'x-amz-acl': 'nonsense' }))).toBe('InvalidArgument')
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
