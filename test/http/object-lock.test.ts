// What operations do together about locks: who writes under them, who sees them, and what survives.
import { createHash } from 'node:crypto'
import { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, OPS } from '../support/admin.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { post, signedV2 } from '../support/form.ts'
import {
  BYPASS,
  DAY_MS,
  HOUR_MS,
  isoIn,
  LockedObject,
  lockedObject,
  lockXml,
  putLock,
  retentionHeaders,
} from '../support/locks.ts'
import { statementOn, usePolicy } from '../support/policies.ts'
import { type TestServer, useServer } from '../support/server.ts'

const MD5_OF_X = createHash('md5').update('x').digest('base64')

async function defaultsTo(server: TestServer, period: string, mode = 'GOVERNANCE'): Promise<string> {
  const bucket = await createBucket(server, { objectLock: true })
  expect(await putLock(server, bucket, { body: lockXml(period, mode) })).toBe('200')
  return bucket
}

async function latest(server: TestServer, bucket: string, key: string): Promise<LockedObject> {
  const { headers } = await server.request('HEAD', `/${bucket}/${key}`)
  return new LockedObject(server, { bucket, key, versionId: String(headers['x-amz-version-id']) })
}

describe('default retention', () => {
  const server = useServer()
  const now = '2030-01-01T00:00:00.000Z'

  it.each([
    ['<Days>1</Days>', '2030-01-02T00:00:00.000Z'],
    // A year of retention has 365 days: 2032 is a leap year.
    ['<Years>3</Years>', '2032-12-31T00:00:00.000Z'],
  ])('of %s is given to what is put, copied, uploaded in parts and posted', async (period, until) => {
    await setClock(server(), { freeze: now })
    const bucket = await defaultsTo(server(), period, 'COMPLIANCE')
    const plain = await createBucket(server())
    await server().request('PUT', `/${plain}/k`, { body: 'x' })
    const s3 = server().s3()
    await server().request('PUT', `/${bucket}/put`, { body: 'x' })
    await server().request('PUT', `/${bucket}/copy`, { headers: { 'x-amz-copy-source': `/${plain}/k` } })
    const upload = { Bucket: bucket, Key: 'parts' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload))
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' }))
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }))
    await setClock(server(), { reset: true })
    await setClock(server(), { freeze: now })
    const form = signedV2(server(), bucket, [['key', 'post']])
    expect((await post(server(), bucket, { fields: form })).status).toBe(204)
    for (const key of ['put', 'copy', 'parts', 'post']) {
      const object = await latest(server(), bucket, key)
      expect(`${key} ${await object.retention()}`).toBe(`${key} COMPLIANCE ${until}`)
      expect(await object.remove({ headers: BYPASS })).toBe('403 AccessDenied')
    }
    await setClock(server(), { freeze: until })
    expect(await (await latest(server(), bucket, 'put')).remove()).toBe('204')
    await setClock(server(), { reset: true })
  })

  it('stands back behind a retention of the request’s own, and goes with a legal hold', async () => {
    const bucket = await defaultsTo(server(), '<Years>1</Years>', 'COMPLIANCE')
    const until = isoIn(HOUR_MS)
    const own = await lockedObject(server(), { bucket, headers: retentionHeaders('GOVERNANCE', until) })
    expect(await own.retention()).toBe(`GOVERNANCE ${until}`)
    const held = await lockedObject(server(), { bucket, headers: { 'x-amz-object-lock-legal-hold': 'ON' } })
    expect([await held.holds(), await held.retention()]).toEqual(['ON', expect.stringMatching(/^COMPLIANCE/)])
  })

  it('counts when an upload is completed, by the rule of that time', async () => {
    await setClock(server(), { freeze: now })
    const bucket = await defaultsTo(server(), '<Days>1</Days>')
    const s3 = server().s3()
    const upload = { Bucket: bucket, Key: 'k' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload))
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' }))
    await putLock(server(), bucket, { body: lockXml('<Days>5</Days>') })
    await setClock(server(), { advance: 'P1D' })
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }))
    expect(await (await latest(server(), bucket, 'k')).retention()).toBe('GOVERNANCE 2030-01-07T00:00:00.000Z')
    await setClock(server(), { reset: true })
  })

  it('locks no delete marker', async () => {
    const bucket = await defaultsTo(server(), '<Days>1</Days>')
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    const versionId = String((await server().request('DELETE', `/${bucket}/k`)).headers['x-amz-version-id'])
    expect((await server().request('DELETE', `/${bucket}/k`, { query: { versionId } })).status).toBe(204)
    expect((await server().request('GET', `/${bucket}/k`)).text).toBe('x')
  })
})

describe('the headers of a locked version', () => {
  const server = useServer()

  it('are shown to who may ask for the lock', async () => {
    const headers = { ...retentionHeaders('GOVERNANCE', isoIn(HOUR_MS)), 'x-amz-object-lock-legal-hold': 'ON' }
    const object = await lockedObject(server(), { headers })
    const seen = async (as: 'root' | 'alt', method = 'HEAD', query = {}) => {
      const answer = await server().request(method, object.path, { as, query })
      expect(answer.status).toBe(200)
      return Object.keys(answer.headers).filter((name) => name.startsWith('x-amz-object-lock-'))
    }
    const retention = ['x-amz-object-lock-mode', 'x-amz-object-lock-retain-until-date']
    const all = ['x-amz-object-lock-legal-hold', ...retention]
    expect(await seen('root')).toEqual(all)
    expect(await seen('root', 'GET', { versionId: object.versionId })).toEqual(all)
    await usePolicy(server(), object.bucket, statementOn(object.bucket, { Action: 's3:GetObject*' }))
    expect(await seen('alt')).toEqual(all)
    await usePolicy(server(), object.bucket, statementOn(object.bucket))
    expect([await seen('alt'), await seen('alt', 'GET')]).toEqual([[], []])
    await usePolicy(
      server(),
      object.bucket,
      statementOn(object.bucket, { Action: ['s3:GetObject', 's3:GetObjectRetention'] }),
    )
    expect([await seen('alt'), await seen('alt', 'GET')]).toEqual([retention, retention])
    expect(await seen('root')).toEqual(all)
  })
})

describe('a write under a lock', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('comes with a digest in the dialect aws', async () => {
    const plain = await createBucket(server(), { objectLock: true })
    const byDefault = await defaultsTo(server(), '<Days>1</Days>')
    const lock = retentionHeaders('GOVERNANCE', isoIn(HOUR_MS))
    const md5 = { 'content-md5': MD5_OF_X }
    const put = async (bucket: string, headers: Record<string, string>) =>
      verdict(await server().request('PUT', `/${bucket}/k`, { body: 'x', headers }))
    expect(await put(plain, lock)).toBe('400 InvalidRequest')
    expect(await put(plain, { 'x-amz-object-lock-legal-hold': 'OFF' })).toBe('400 InvalidRequest')
    expect(await put(byDefault, {})).toBe('400 InvalidRequest')
    expect(await put(plain, {})).toBe('200')
    expect(await put(plain, { ...lock, ...md5 })).toBe('200')
    expect(await put(byDefault, md5)).toBe('200')
    expect(await put(byDefault, { 'x-amz-checksum-crc32': 'jNwWgw==' })).toBe('200')
  })

  it('in parts, too', async () => {
    const bucket = await defaultsTo(server(), '<Days>1</Days>')
    const begun = await server().request('POST', `/${bucket}/k`, { query: { uploads: undefined } })
    const uploadId = /<UploadId>([^<]+)/.exec(begun.text)?.[1]
    const part = (headers: Record<string, string>) =>
      server().request('PUT', `/${bucket}/k`, { query: { partNumber: '1', uploadId }, body: 'x', headers })
    expect(verdict(await part({}))).toBe('400 InvalidRequest')
    expect(verdict(await part({ 'content-md5': MD5_OF_X }))).toBe('200')
  })
})

describe('a locked version survives', () => {
  const server = useServer(ADMIN_SERVER)
  const admin = adminOf(server)

  async function heldObject(user: 'root' | 'alt' = 'root'): Promise<LockedObject> {
    const bucket = await createBucket(server(), { objectLock: true, user })
    await server().request('PUT', `/${bucket}/k`, { body: 'x', as: user })
    const object = await latest(server(), bucket, 'k')
    expect(await object.hold('ON')).toBe('200')
    return object
  }

  it('the removal of its bucket', async () => {
    const object = await heldObject()
    expect(verdict(await server().request('DELETE', `/${object.bucket}`))).toBe('409 BucketNotEmpty')
    await server().request('DELETE', object.path)
    expect(verdict(await server().request('DELETE', `/${object.bucket}`))).toBe('409 BucketNotEmpty')
    expect(await object.status()).toBe(200)
  })

  it('the admin API, whatever it removes', async () => {
    const object = await heldObject('alt')
    const { bucket } = object
    const purged = await admin(`DELETE bucket?bucket=${bucket}&purge-objects=true`)
    expect([purged.status, purged.json.Code]).toEqual([403, 'AccessDenied'])
    expect((await admin(`DELETE bucket?object&bucket=${bucket}&object=k`)).status).toBe(200)
    expect((await server().request('GET', object.path)).status).toBe(404)
    const bypassed = await admin(`DELETE bucket?bucket=${bucket}&purge-objects=true&bypass-gc=true`)
    expect(bypassed.status).not.toBe(200)
    const user = await admin('DELETE user?uid=alt&purge-data=true')
    expect(user.status).not.toBe(200)
    expect(await object.status()).toBe(200)
    expect(await object.holds()).toBe('ON')
  })

  it('a change of its owner, and a quota that it is above', async () => {
    const object = await heldObject('alt')
    expect((await admin(`PUT bucket?bucket=${object.bucket}&uid=${OPS.id}`)).status).toBe(200)
    expect(await object.holds()).toBe('ON')
    expect(await object.remove()).toBe('403 AccessDenied')
    expect(
      (await admin(`PUT bucket?quota&bucket=${object.bucket}&uid=${OPS.id}&max-objects=0&enabled=true`)).status,
    ).toBe(200)
    expect(verdict(await server().request('PUT', `${object.path}2`, { body: 'x' }))).toBe('403 QuotaExceeded')
    expect(await object.status()).toBe(200)
  })

  it('DeleteObjects, which removes the others', async () => {
    const object = await heldObject()
    const other = await lockedObject(server(), { bucket: object.bucket, key: 'other' })
    const named = [object, other].map(
      ({ key, versionId }) => `<Object><Key>${key}</Key><VersionId>${versionId}</VersionId></Object>`,
    )
    const body = `<Delete>${named.join('')}</Delete>`
    const request = { query: { delete: undefined }, body, headers: BYPASS }
    const { text } = await server().request('POST', `/${object.bucket}`, request)
    expect(text).toContain('<Code>AccessDenied</Code>')
    expect([await object.status(), await other.status()]).toEqual([200, 404])
  })

  it('an overwrite, a copy onto itself, and new attributes', async () => {
    const object = await heldObject()
    await server().request('PUT', object.path, { body: 'new' })
    const headers = {
      'x-amz-copy-source': `${object.path}?versionId=${object.versionId}`,
      'x-amz-metadata-directive': 'REPLACE',
    }
    expect((await server().request('PUT', object.path, { headers })).status).toBe(200)
    const query = { tagging: undefined, versionId: object.versionId }
    const body = '<Tagging><TagSet/></Tagging>'
    expect((await server().request('PUT', object.path, { query, body })).status).toBe(200)
    expect([await object.status(), await object.holds()]).toEqual([200, 'ON'])
    // The copy brings no lock along: S3 asks for it anew.
    expect(await (await latest(server(), object.bucket, 'k')).holds()).toBe('404 ObjectLockConfigurationNotFoundError')
  })

  it('the passing of time, as long as it lasts', async () => {
    const object = await lockedObject(server(), { headers: retentionHeaders('COMPLIANCE', isoIn(400 * DAY_MS)) })
    await setClock(server(), { advance: 'P399D', wait: true })
    expect(await object.remove()).toBe('403 AccessDenied')
    await setClock(server(), { reset: true, wait: true })
    expect(await object.remove()).toBe('403 AccessDenied')
    await setClock(server(), { advance: 'P401D', wait: true })
    expect(await object.remove()).toBe('204')
    await setClock(server(), { reset: true, wait: true })
    expect(await object.status()).toBe(404)
  })
})
