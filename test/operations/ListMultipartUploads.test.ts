import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { risingClock } from '../support/clock.ts'
import { element, elements, multipartBucket, outcome } from '../support/multipart.ts'
import { uniqueName, useServer } from '../support/server.ts'

// Uploads of one key are listed by the time of their initiation.
const server = useServer({ overrides: { clock: risingClock() } })
const aws = useServer({ config: { dialect: 'aws' } })

async function open(keys: readonly string[]) {
  const multipart = await multipartBucket(server())
  const ids: string[] = []
  for (const key of keys) ids.push(await multipart.create(key))
  const list = (query: Record<string, string> = {}, as: 'root' | 'alt' | 'anonymous' = 'root') =>
    server().request('GET', `/${multipart.bucket}`, { query: { uploads: undefined, ...query }, as })
  const keysOf = async (query: Record<string, string>) => elements((await list(query)).text, 'Key')
  return { multipart, ids, list, keysOf }
}

it('prints what RGW prints, in its order', async () => {
  const { multipart, ids, list } = await open(['big'])
  const { text } = await list()
  const initiated = element(text, 'Initiated')
  const { root } = server()
  const name = element(text, 'DisplayName')
  expect(text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Bucket>${multipart.bucket}</Bucket><NextKeyMarker>big</NextKeyMarker>` +
      `<NextUploadIdMarker>${ids[0]}</NextUploadIdMarker><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>` +
      `<Upload><Key>big</Key><UploadId>${ids[0]}</UploadId>` +
      `<Initiator><ID>${root.id}</ID><DisplayName>${name}</DisplayName></Initiator>` +
      `<Owner><ID>${root.id}</ID><DisplayName>${name}</DisplayName></Owner>` +
      `<StorageClass>STANDARD</StorageClass><Initiated>${initiated}</Initiated></Upload></ListMultipartUploadsResult>`,
  )
})

it('prints an empty list as RGW does', async () => {
  const { multipart, list } = await open([])
  expect((await list()).text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Bucket>${multipart.bucket}</Bucket><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>` +
      '</ListMultipartUploadsResult>',
  )
})

it('lists open uploads only', async () => {
  const { multipart, ids, keysOf } = await open(['aborted', 'completed', 'open'])
  await multipart.send('DELETE', { key: 'aborted', uploadId: ids[0]! })
  const completed = { key: 'completed', uploadId: ids[1]! }
  const etag = await multipart.part(completed, 1, 'x')
  await multipart.complete(completed, [{ partNumber: 1, etag }])
  expect(await keysOf({})).toEqual(['open'])
})

it('lists by prefix, and rolls up by delimiter', async () => {
  const { list, keysOf } = await open(['a', 'dir/one', 'dir/two', 'dir2/x', '%C3%A9', 'z'])
  expect(await keysOf({ prefix: 'dir/' })).toEqual(['dir/one', 'dir/two'])
  const { text } = await list({ delimiter: '/' })
  expect(elements(text, 'Key')).toEqual(['a', 'z', 'é'])
  expect(text).toContain('<CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>dir2/</Prefix>')
  expect(element(text, 'Delimiter')).toBe('/')
  expect(await keysOf({ delimiter: '/', prefix: 'dir/' })).toEqual(['dir/one', 'dir/two'])
})

it('pages through uploads, also of one key', async () => {
  const { ids, list } = await open(['k', 'k', 'k', 'a', 'z'])
  const expected = [ids[3], ids[0], ids[1], ids[2], ids[4]]
  const seen: string[] = []
  let markers: Record<string, string> = {}
  for (let isTruncated = 'true'; isTruncated === 'true'; ) {
    const { text } = await list({ 'max-uploads': '2', ...markers })
    seen.push(...elements(text, 'UploadId'))
    isTruncated = element(text, 'IsTruncated')
    markers = {
      'key-marker': element(text, 'NextKeyMarker'),
      'upload-id-marker': element(text, 'NextUploadIdMarker'),
    }
  }
  expect(seen).toEqual(expected)
})

it('pages through common prefixes', async () => {
  const { list } = await open(['a/1', 'a/2', 'b/1', 'c'])
  const first = await list({ delimiter: '/', 'max-uploads': '1' })
  expect(elements(first.text, 'Prefix')).toEqual(['a/'])
  expect(element(first.text, 'IsTruncated')).toBe('true')
  const second = await list({ delimiter: '/', 'max-uploads': '2', 'key-marker': element(first.text, 'NextKeyMarker') })
  expect(elements(second.text, 'Prefix')).toEqual(['b/'])
  expect(elements(second.text, 'Key')).toEqual(['c'])
  expect(element(second.text, 'IsTruncated')).toBe('false')
})

it('begins behind the key marker alone, and ignores an upload id alone', async () => {
  const { ids, keysOf } = await open(['a', 'b', 'c'])
  expect(await keysOf({ 'key-marker': 'a' })).toEqual(['b', 'c'])
  expect(await keysOf({ 'key-marker': 'aa' })).toEqual(['b', 'c'])
  expect(await keysOf({ 'upload-id-marker': ids[1]! })).toEqual(['a', 'b', 'c'])
})

it('holds at most max-uploads, which bounds itself', async () => {
  const { list } = await open(['a', 'b'])
  const none = await list({ 'max-uploads': '0' })
  expect([elements(none.text, 'Key'), element(none.text, 'IsTruncated')]).toEqual([[], 'true'])
  expect(element((await list({ 'max-uploads': '5000' })).text, 'MaxUploads')).toBe('1000')
  expect(outcome(await list({ 'max-uploads': 'abc' }))).toBe('InvalidArgument')
  expect(outcome(await list({ 'max-uploads': '1' }))).toBe('200')
})

it('encodes keys when asked to', async () => {
  const { list } = await open(['dir%2F%01x', 'dir/a%20b'])
  const { text } = await list({ 'encoding-type': 'url', prefix: 'dir/' })
  expect(elements(text, 'Key')).toEqual(['dir%2F%01x', 'dir%2Fa%20b'])
  expect(element(text, 'EncodingType')).toBe('url')
})

it('is for those who may list the bucket', async () => {
  const { list } = await open(['a'])
  expect(outcome(await list({}, 'alt'))).toBe('AccessDenied')
  expect(outcome(await list({}, 'anonymous'))).toBe('AccessDenied')
  expect(outcome(await list())).toBe('200')
  const nowhere = await server().request('GET', `/${uniqueName('none')}`, { query: { uploads: undefined } })
  expect(outcome(nowhere)).toBe('NoSuchBucket')
})

it('serves the SDK', async () => {
  const multipart = await multipartBucket(aws())
  const uploadId = await multipart.create('k', { 'x-amz-checksum-algorithm': 'CRC32' })
  const answer = await aws()
    .s3()
    .send(new ListMultipartUploadsCommand({ Bucket: multipart.bucket, Prefix: 'k' }))
  expect(answer).toMatchObject({
    KeyMarker: '',
    UploadIdMarker: '',
    Prefix: 'k',
    Uploads: [{ Key: 'k', UploadId: uploadId, ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' }],
  })
})
