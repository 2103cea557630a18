// What each operation tells, heard at the built-in inbox: of topics that are not persistent, before the answer.

import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { restoreRequest } from '../support/archive.ts'
import { setVersioning } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { post, signedV4 } from '../support/form.ts'
import { keyFilter, notificationXml, putNotifications } from '../support/notifications.ts'
import { type TestServer, useServer } from '../support/server.ts'
import { actionForm, NOWHERE, sendAction } from '../support/sns.ts'
import { brief, listeningBucket } from '../support/told-bucket.ts'

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const EVERYTHING = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*', 's3:ObjectRestore:*']
const OF_RGW = [...EVERYTHING, 's3:ObjectLifecycle:*']
const OF_AWS = [...EVERYTHING, 's3:LifecycleExpiration:*', 's3:LifecycleTransition', 's3:ObjectAcl:Put']
const NOON = '2031-03-01T12:00:00Z'

const tagging = (value: string) => `<Tagging><TagSet><Tag><Key>k</Key><Value>${value}</Value></Tag></TagSet></Tagging>`

async function putRule(server: TestServer, bucket: string, inside: string): Promise<void> {
  const rule = `<Rule><ID>r</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>${inside}</Rule>`
  const body = `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const { status, text } = await server.request('PUT', `/${bucket}`, { query: { lifecycle: undefined }, body, headers })
  if (status !== 200) throw new Error(text)
}

describe('dialect zos', () => {
  const server = useServer({ config: { dialect: 'zos', restore: { delayMs: 60_000 } } })
  afterEach(() => setClock(server(), { reset: true }))
  const send = (method: string, path: string, more: Parameters<TestServer['request']>[2] = {}) =>
    server().request(method, path, more)

  it('tells of every way to make an object, in order, and of none that failed', async () => {
    const { name, heard } = await listeningBucket(server())
    const headers = { 'x-amz-meta-color': 'blue', 'x-amz-tagging': 'env=prod' }
    expect((await send('PUT', `/${name}/a%20b`, { body: 'hello', headers })).status).toBe(200)
    const [told] = await heard()
    expect(told).toMatchObject({ eventName: 'ObjectCreated:Put', userIdentity: { principalId: 'cozos' } })
    expect(told?.s3).toMatchObject({ bucket: { name }, object: { key: 'a b', tags: [{ key: 'env', val: 'prod' }] } })
    expect(told?.s3.object.metadata).toEqual([{ key: 'x-amz-meta-color', val: 'blue' }])
    const refused = [
      await send('PUT', `/${name}/denied`, { body: 'x', as: 'alt' }),
      await send('PUT', `/${name}/refused`, { body: 'x', headers: { 'content-md5': md5('y').slice(0, 22) } }),
      await send('PUT', `/${name}/unmet`, { body: 'x', headers: { 'if-match': '"none"' } }),
    ]
    expect(refused.every(({ status }) => status >= 400)).toBe(true)
    await send('GET', `/${name}/a%20b`)
    expect(await heard()).toEqual([])
    await send('PUT', `/${name}/copy`, { headers: { 'x-amz-copy-source': `/${name}/a%20b` } })
    await send('PUT', `/${name}/log`, { query: { append: undefined, position: '0' }, body: 'abc' })
    await send('PUT', `/${name}/log`, { query: { append: undefined, position: '3' }, body: 'de' })
    const fields = signedV4(server(), name, [['key', 'form']])
    expect((await post(server(), name, { fields, file: Buffer.from('form') })).status).toBe(204)
    expect((await heard()).map(brief)).toEqual([
      `ObjectCreated:Copy copy 5 ${md5('hello')} -`,
      `ObjectCreated:Put log 3 ${md5('abc')} -`,
      `ObjectCreated:Put log 2 ${md5('de')} -`,
      `ObjectCreated:Post form 4 ${md5('form')} -`,
    ])
  })

  it('tells of an upload once, when it is complete', async () => {
    const { name, heard } = await listeningBucket(server())
    const begin = async () => {
      const { text } = await send('POST', `/${name}/big`, { query: { uploads: undefined } })
      return /<UploadId>(.*)<\/UploadId>/.exec(text)?.[1] ?? ''
    }
    const abandoned = await begin()
    await send('DELETE', `/${name}/big`, { query: { uploadId: abandoned } })
    const uploadId = await begin()
    const part = await send('PUT', `/${name}/big`, { query: { partNumber: '1', uploadId }, body: 'part' })
    expect(await heard()).toEqual([])
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
    for (const _again of [1, 2]) await send('POST', `/${name}/big`, { query: { uploadId }, body })
    const etag = createHash('md5')
      .update(Buffer.from(md5('part'), 'hex'))
      .digest('hex')
    expect((await heard()).map(brief)).toEqual([`ObjectCreated:CompleteMultipartUpload big 4 ${etag}-1 -`])
  })

  it('tells of what is deleted as it was, and of keys that were not there', async () => {
    const { name, heard } = await listeningBucket(server(), { events: ['s3:ObjectRemoved:*'] })
    for (const key of ['a', 'b', 'c']) await send('PUT', `/${name}/${key}`, { body: key })
    await send('DELETE', `/${name}/a`)
    await send('DELETE', `/${name}/missing`)
    const keys = ['b', 'c', 'absent'].map((key) => `<Object><Key>${key}</Key></Object>`).join('')
    const body = `<Delete>${keys}</Delete>`
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    await send('POST', `/${name}`, { query: { delete: undefined }, body, headers })
    expect((await heard()).map(brief)).toEqual([
      `ObjectRemoved:Delete a 1 ${md5('a')} -`,
      'ObjectRemoved:Delete missing 0 - -',
      `ObjectRemoved:Delete b 1 ${md5('b')} -`,
      `ObjectRemoved:Delete c 1 ${md5('c')} -`,
      'ObjectRemoved:Delete absent 0 - -',
    ])
  })

  it('tells of versions and of delete markers', async () => {
    const { name, heard } = await listeningBucket(server(), { versioning: 'Enabled' })
    const version = (await send('PUT', `/${name}/k`, { body: 'v' })).headers['x-amz-version-id']
    const marker = (await send('DELETE', `/${name}/k`)).headers['x-amz-version-id']
    await send('DELETE', `/${name}/k`, { query: { versionId: `${marker}` } })
    await send('DELETE', `/${name}/k`, { query: { versionId: `${version}` } })
    expect((await heard()).map(brief)).toEqual([
      `ObjectCreated:Put k 1 ${md5('v')} ${version}`,
      `ObjectRemoved:DeleteMarkerCreated k 1 ${md5('v')} ${marker}`,
      `ObjectRemoved:Delete k 0 - ${marker}`,
      `ObjectRemoved:Delete k 1 ${md5('v')} ${version}`,
    ])
    await setVersioning(server(), name, 'Suspended')
    await send('PUT', `/${name}/n`, { body: 'n' })
    await send('DELETE', `/${name}/n`)
    expect((await heard()).map(brief)).toEqual([
      `ObjectCreated:Put n 1 ${md5('n')} null`,
      `ObjectRemoved:DeleteMarkerCreated n 1 ${md5('n')} null`,
    ])
  })

  it('tells of tags, with those that the object has then', async () => {
    const { name, heard } = await listeningBucket(server(), { events: ['s3:ObjectTagging:*'] })
    await send('PUT', `/${name}/k`, { body: 'x' })
    const query = { tagging: undefined }
    await send('PUT', `/${name}/k`, { query, body: tagging('one') })
    await send('DELETE', `/${name}/k`, { query })
    expect((await send('PUT', `/${name}/missing`, { query, body: tagging('one') })).status).toBe(404)
    const told = await heard()
    expect(told.map(({ eventName, s3: { object } }) => [eventName, object.tags])).toEqual([
      ['ObjectTagging:Put', [{ key: 'k', val: 'one' }]],
      ['ObjectTagging:Delete', []],
    ])
  })

  it('tells of a restore when it begins, when it has come about, and when it is over', async () => {
    await setClock(server(), { freeze: NOON })
    const { name, heard, heardAll } = await listeningBucket(server(), { events: ['s3:ObjectRestore:*'] })
    await send('PUT', `/${name}/k`, { body: 'cold', headers: { 'x-amz-storage-class': 'GLACIER' } })
    const restore = () => send('POST', `/${name}/k`, { query: { restore: undefined }, body: restoreRequest(2) })
    expect((await restore()).status).toBe(202)
    expect((await heard()).map(brief)).toEqual([`ObjectRestore:Post k 4 ${md5('cold')} -`])
    expect((await restore()).status).toBe(409)
    await setClock(server(), { advance: 'PT1M', wait: true })
    expect((await heardAll(1)).map(brief)).toEqual([`ObjectRestore:Completed k 4 ${md5('cold')} -`])
    expect((await restore()).status).toBe(200)
    await setClock(server(), { advance: 'P3D', wait: true })
    expect((await heardAll(1)).map(brief)).toEqual([`ObjectRestore:Delete k 4 ${md5('cold')} -`])
  })

  it('tells of what rules do, in Ceph’s words', async () => {
    await setClock(server(), { freeze: NOON })
    const events = ['s3:ObjectLifecycle:*']
    const plain = await listeningBucket(server(), { events })
    await send('PUT', `/${plain.name}/k`, { body: 'x' })
    await send('POST', `/${plain.name}/up`, { query: { uploads: undefined } })
    const days = '<DaysAfterInitiation>1</DaysAfterInitiation>'
    const abort = `<AbortIncompleteMultipartUpload>${days}</AbortIncompleteMultipartUpload>`
    await putRule(server(), plain.name, `<Expiration><Days>1</Days></Expiration>${abort}`)
    const kept = await listeningBucket(server(), { events, versioning: 'Enabled' })
    const old = (await send('PUT', `/${kept.name}/k`, { body: 'old' })).headers['x-amz-version-id']
    const current = (await send('PUT', `/${kept.name}/k`, { body: 'new' })).headers['x-amz-version-id']
    const noncurrent = '<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>'
    const transition = '<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>'
    await putRule(server(), kept.name, `${transition}${noncurrent}`)
    await setClock(server(), { advance: 'P3D', wait: true })
    expect((await plain.heardAll(2)).map(brief).toSorted()).toEqual([
      'ObjectLifecycle:Expiration:AbortMPU up 0 - -',
      `ObjectLifecycle:Expiration:Current k 1 ${md5('x')} -`,
    ])
    expect((await kept.heardAll(2)).map(brief).toSorted()).toEqual([
      `ObjectLifecycle:Expiration:Noncurrent k 3 ${md5('old')} ${old}`,
      `ObjectLifecycle:Transition:Current k 3 ${md5('new')} ${current}`,
    ])
    await putRule(server(), kept.name, '<Expiration><Days>1</Days></Expiration>')
    await setClock(server(), { advance: 'P3D', wait: true })
    expect((await kept.heardAll(1)).map(({ eventName }) => eventName)).toEqual(['ObjectLifecycle:Expiration:Current'])
    const alone = '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'
    await putRule(server(), kept.name, `${alone}${noncurrent}`)
    await setClock(server(), { advance: 'P3D', wait: true })
    expect((await kept.heardAll(2)).map(({ eventName }) => eventName)).toEqual([
      'ObjectLifecycle:Expiration:Noncurrent',
      'ObjectLifecycle:Expiration:DeleteMarker',
    ])
  })

  it('each notification hears what it asks for, under its own id', async () => {
    const { name, arn, heard } = await listeningBucket(server(), { id: 'all' })
    const inside = notificationXml({ id: 'jpgs', arn, filter: keyFilter({ prefix: 'p/', suffix: '.jpg' }) })
    await putNotifications(server(), name, { inside })
    for (const key of ['p/a.jpg', 'p/a.png']) await send('PUT', `/${name}/${key}`, { body: 'x' })
    const told = await heard()
    expect(told.map(({ s3 }) => [s3.object.key, s3.configurationId])).toEqual([
      ['p/a.jpg', 'all'],
      ['p/a.jpg', 'jpgs'],
      ['p/a.png', 'all'],
    ])
    const [first = '', second = '', third = ''] = told.map(({ s3 }) => s3.object.sequencer)
    expect([first === second, second < third]).toEqual([true, true])
  })

  it('an endpoint that is not there fails no operation', async () => {
    const { name } = await listeningBucket(server(), { attributes: { 'push-endpoint': NOWHERE } })
    expect((await send('PUT', `/${name}/k`, { body: 'x' })).status).toBe(200)
    expect((await send('GET', `/${name}/k`)).text).toBe('x')
    expect((await send('DELETE', `/${name}/k`)).status).toBe(204)
  })

  it('a persistent topic hears the same, and one that is gone nothing', async () => {
    const { name, heard, heardAll, arn } = await listeningBucket(server(), { attributes: { persistent: 'true' } })
    await send('PUT', `/${name}/k`, { body: 'x' })
    expect((await heardAll(1)).map(brief)).toEqual([`ObjectCreated:Put k 1 ${md5('x')} -`])
    await sendAction(server(), actionForm('DeleteTopic', { TopicArn: arn }))
    expect((await send('PUT', `/${name}/k`, { body: 'y' })).status).toBe(200)
    await setClock(server(), { advance: 'PT1M', wait: true })
    expect(await heard()).toEqual([])
  })
})

describe('dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  afterEach(() => setClock(server(), { reset: true }))

  it('tells of ACLs, and of what rules do in AWS’s words', async () => {
    await setClock(server(), { freeze: NOON })
    const headers = { 'x-amz-object-ownership': 'ObjectWriter' }
    const { name, heard, heardAll } = await listeningBucket(server(), { events: OF_AWS, headers })
    const path = `/${name}/k%2F%2B%C3%BC`
    await server().request('PUT', path, { body: 'x' })
    await server().request('PUT', path, { query: { acl: undefined }, headers: { 'x-amz-acl': 'private' } })
    const told = await heard()
    expect(told.map(({ eventName, s3 }) => [eventName, s3.object.key])).toEqual([
      ['ObjectCreated:Put', 'k/%2B%C3%BC'],
      ['ObjectAcl:Put', 'k/%2B%C3%BC'],
    ])
    expect(told[0]?.requestParameters).toEqual({ sourceIPAddress: '127.0.0.1' })
    await putRule(server(), name, '<Expiration><Days>1</Days></Expiration>')
    await setClock(server(), { advance: 'P3D', wait: true })
    const [gone] = await heardAll(1)
    expect(gone).toMatchObject({ eventName: 'LifecycleExpiration:Delete', s3: { object: { key: 'k/%2B%C3%BC' } } })
    expect(gone?.s3.object).not.toHaveProperty('size')
    expect(gone?.userIdentity).toEqual({ principalId: 's3.amazonaws.com' })
  })
})

describe('dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('takes all of Ceph’s names', async () => {
    const { name, heard } = await listeningBucket(server(), { events: OF_RGW })
    await server().request('PUT', `/${name}/k`, { body: 'x' })
    expect((await heard()).map(brief)).toEqual([`ObjectCreated:Put k 1 ${md5('x')} -`])
  })
})
