import { beforeAll, describe, expect, it } from 'vitest'
import { type ArchivedObject, archivedObject, restoreRequest, tier } from '../support/archive.ts'
import { verdict } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { type TestServer, useServer } from '../support/server.ts'

const DELAY_MS = 5_000
const DAY_MS = 1_000_000
const config = { restore: { delayMs: DELAY_MS }, lifecycle: { dayMs: DAY_MS } }

/** Advances the clock, which stands still otherwise, until all jobs rest. */
async function advance(server: TestServer, byMs: number): Promise<void> {
  await setClock(server, { advance: byMs, wait: true })
}

const restoreHeader = async (object: ArchivedObject, versionId?: string) =>
  (await object.head(versionId === undefined ? {} : { query: { versionId } })).headers['x-amz-restore']

describe('RestoreObject', () => {
  const server = useServer({ config })
  const aws = useServer({ config: { ...config, dialect: 'aws' } })
  beforeAll(async () => {
    for (const one of [server(), aws()]) await setClock(one, { freeze: true, signatures: false })
  })

  it('makes an archived object readable after the delay, for so many days, and no longer', async () => {
    const object = await archivedObject(server())
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    expect(await restoreHeader(object)).toBeUndefined()
    expect(await object.restore(restoreRequest(2))).toMatchObject({ status: 202, text: '' })
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    expect(await restoreHeader(object)).toBe('ongoing-request="true"')
    await advance(server(), DELAY_MS - 1)
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    await advance(server(), 1)
    const until = new Date(server().running.services.clock.now() + 2 * DAY_MS).toUTCString()
    const got = await object.get()
    expect(got).toMatchObject({ status: 200, text: 'cold' })
    expect(got.headers).toMatchObject({
      'x-amz-restore': `ongoing-request="false", expiry-date="${until}"`,
      'x-amz-storage-class': 'GLACIER',
    })
    await advance(server(), 2 * DAY_MS - 1)
    expect((await object.get()).status).toBe(200)
    await advance(server(), 1)
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    expect(await restoreHeader(object)).toBeUndefined()
    expect((await object.restore()).status).toBe(202)
  })

  it('takes a request for a restored object as a new time from now on, and none while it is under way', async () => {
    const object = await archivedObject(server())
    expect((await object.restore(restoreRequest(1))).status).toBe(202)
    expect(verdict(await object.restore(restoreRequest(3)))).toBe('409 RestoreAlreadyInProgress')
    await advance(server(), DELAY_MS)
    expect(await object.restore(restoreRequest(3))).toMatchObject({ status: 200, text: '' })
    expect((await object.get()).status).toBe(200)
    await advance(server(), 3 * DAY_MS - 1)
    expect((await object.get()).status).toBe(200)
    expect((await object.restore(restoreRequest(1))).status).toBe(200)
    await advance(server(), DAY_MS)
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    const { metadata } = server().running.services
    expect(await metadata.read((tx) => tx.restored.nextDueMs())).toBeUndefined()
  })

  it('outlives a restart', async () => {
    const object = await archivedObject(server())
    expect((await object.restore()).status).toBe(202)
    const nowMs = server().running.services.clock.now()
    await server().restart()
    await setClock(server(), { freeze: new Date(nowMs).toISOString() })
    expect(await restoreHeader(object)).toBe('ongoing-request="true"')
    await advance(server(), DELAY_MS)
    expect((await object.get()).text).toBe('cold')
  })

  it('is for the version that is named, and leaves date, ETag and everything else', async () => {
    const object = await archivedObject(server(), { versioned: true })
    const older = object.versionId
    await server().request('PUT', object.path, { body: 'newer', headers: { 'x-amz-storage-class': 'DEEP_ARCHIVE' } })
    const before = await object.head({ query: { versionId: older } })
    expect((await object.restore(restoreRequest(), { query: { versionId: older } })).status).toBe(202)
    expect(await restoreHeader(object)).toBeUndefined()
    expect(await restoreHeader(object, older)).toBe('ongoing-request="true"')
    await advance(server(), DELAY_MS)
    expect(await object.get({ query: { versionId: older } })).toMatchObject({ status: 200, text: 'cold' })
    expect(verdict(await object.get())).toBe('403 InvalidObjectState')
    const after = await object.head({ query: { versionId: older } })
    for (const name of ['etag', 'last-modified', 'content-length', 'x-amz-version-id']) {
      expect(after.headers[name]).toBe(before.headers[name])
    }
    const unknown = { query: { versionId: '3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY' } }
    expect(verdict(await object.restore(restoreRequest(), unknown))).toBe('404 NoSuchKey')
  })

  it.each(['STANDARD', 'STANDARD_IA'])('refuses an object of class %s', async (storageClass) => {
    const object = await archivedObject(server(), { storageClass })
    expect(verdict(await object.restore())).toBe('403 InvalidObjectState')
    expect((await object.get()).status).toBe(200)
    const archived = await archivedObject(server())
    expect((await archived.restore()).status).toBe(202)
  })

  it('knows no restore of what is not there, or is a delete marker', async () => {
    const object = await archivedObject(server(), { versioned: true })
    const missing = await server().request('POST', `/${object.bucket}/none`, {
      query: { restore: undefined },
      body: restoreRequest(),
    })
    expect(verdict(missing)).toBe('404 NoSuchKey')
    await server().request('DELETE', object.path)
    expect(verdict(await object.restore())).toBe('404 NoSuchKey')
    expect((await object.restore(restoreRequest(), { query: { versionId: object.versionId } })).status).toBe(202)
    const bucket = await server().request('POST', '/no-such-bucket-here/key', {
      query: { restore: undefined },
      body: restoreRequest(),
    })
    expect(verdict(bucket)).toBe('404 NoSuchBucket')
  })

  it('tells AWS’s clients of a delete marker that they name', async () => {
    const object = await archivedObject(aws(), { versioned: true })
    const marker = (await aws().request('DELETE', object.path)).headers['x-amz-version-id']
    const named = { query: { versionId: String(marker) } }
    expect(verdict(await object.restore(restoreRequest(), named))).toBe('405 MethodNotAllowed')
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<Restore', '400 MalformedXML'],
    ['<RestoreRequest/>', '400 MalformedXML'],
    [restoreRequest('x'), '400 MalformedXML'],
    [restoreRequest(0), '400 InvalidArgument'],
    [restoreRequest(-1), '400 InvalidArgument'],
    [restoreRequest(32), '400 InvalidArgument'],
    [restoreRequest(1, tier('Bulk')), '400 InvalidArgument'],
    [restoreRequest(1, tier('Expedited')), '400 InvalidArgument'],
    [restoreRequest(1, tier('Slow')), '400 MalformedXML'],
    [restoreRequest(1, '<Type>SELECT</Type>'), '501 NotImplemented'],
    [restoreRequest(1, '<OutputLocation/>'), '501 NotImplemented'],
    [restoreRequest(1, '<Unknown/>'), '400 MalformedXML'],
  ])('in ZOS refuses %j', async (body, expected) => {
    const object = await archivedObject(server())
    expect(verdict(await object.restore(body))).toBe(expected)
    expect(await restoreHeader(object)).toBeUndefined()
    expect((await object.restore(restoreRequest(31, tier('Standard')))).status).toBe(202)
  })

  it('in AWS has its tiers, of which DEEP_ARCHIVE lacks one, and longer times', async () => {
    for (const name of ['Standard', 'Bulk', 'Expedited']) {
      const object = await archivedObject(aws())
      expect((await object.restore(restoreRequest(400, tier(name)))).status).toBe(202)
    }
    const deep = await archivedObject(aws(), { storageClass: 'DEEP_ARCHIVE' })
    expect(verdict(await deep.restore(restoreRequest(1, tier('Expedited'))))).toBe('400 InvalidArgument')
    expect((await deep.restore(restoreRequest(1, tier('Bulk')))).status).toBe(202)
  })

  it('needs s3:RestoreObject', async () => {
    const object = await archivedObject(server())
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await object.restore(restoreRequest(), { as }))).toBe('403 AccessDenied')
    }
    const policy = (action: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: ['arn:aws:iam:::user/alt'] },
            Action: action,
            Resource: `arn:aws:s3:::${object.bucket}/*`,
          },
        ],
      })
    for (const [action, expected] of [
      ['s3:PutObject', '403 AccessDenied'],
      ['s3:RestoreObject', '202'],
    ] as const) {
      const put = await server().request('PUT', `/${object.bucket}`, {
        query: { policy: undefined },
        body: policy(action),
      })
      expect(put.status).toBeLessThan(300)
      expect(verdict(await object.restore(restoreRequest(), { as: 'alt' }))).toBe(expected)
    }
  })

  it('is served to SigV2, which signs the subresource', async () => {
    const object = await archivedObject(server())
    expect((await object.restore(restoreRequest(), { sign: 'v2' })).status).toBe(202)
  })
})

describe('an archived object', () => {
  const server = useServer({ config: { ...config, dialect: 'aws' } })
  beforeAll(() => setClock(server(), { freeze: true }))

  it('says of which class it is where it cannot be read', async () => {
    const object = await archivedObject(server(), { storageClass: 'DEEP_ARCHIVE' })
    const refused = await object.get()
    expect(verdict(refused)).toBe('403 InvalidObjectState')
    expect(refused.text).toContain('<StorageClass>DEEP_ARCHIVE</StorageClass>')
    expect(refused.text).toContain('storage class</Message>')
    expect(verdict(await object.get({ headers: { range: 'bytes=0-1' } }))).toBe('403 InvalidObjectState')
  })

  it('answers whatever needs none of its bytes', async () => {
    const object = await archivedObject(server())
    const head = await object.head()
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '4', 'x-amz-storage-class': 'GLACIER' } })
    const unchanged = { headers: { 'if-none-match': String(head.headers.etag) } }
    expect((await object.get(unchanged)).status).toBe(304)
    const attributes = await server().request('GET', object.path, {
      query: { attributes: undefined },
      headers: { 'x-amz-object-attributes': 'StorageClass,ObjectSize' },
    })
    expect(attributes.text).toContain('<StorageClass>GLACIER</StorageClass><ObjectSize>4</ObjectSize>')
    const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
    const tagging = { query: { tagging: undefined } }
    expect((await server().request('PUT', object.path, { ...tagging, body })).status).toBe(200)
    expect((await server().request('GET', object.path, tagging)).status).toBe(200)
    expect((await server().request('GET', object.path, { query: { acl: undefined } })).status).toBe(200)
    expect((await server().request('DELETE', object.path)).status).toBe(204)
  })

  it('is no source of a copy until it is restored, and a copy of it need not be archived', async () => {
    const object = await archivedObject(server())
    const copy = { headers: { 'x-amz-copy-source': object.path } }
    const upload = await server().request('POST', `/${object.bucket}/up`, { query: { uploads: undefined } })
    const uploadId = /<UploadId>(.*?)</.exec(upload.text)?.[1]
    const copies = async () => [
      verdict(await server().request('PUT', `/${object.bucket}/copy`, copy)),
      verdict(await server().request('PUT', `/${object.bucket}/up`, { ...copy, query: { uploadId, partNumber: '1' } })),
    ]
    expect(await copies()).toEqual(['403 InvalidObjectState', '403 InvalidObjectState'])
    expect((await object.restore()).status).toBe(202)
    expect(await copies()).toEqual(['403 InvalidObjectState', '403 InvalidObjectState'])
    await advance(server(), DELAY_MS)
    expect(await copies()).toEqual(['200', '200'])
    const copied = await server().request('GET', `/${object.bucket}/copy`)
    expect(copied).toMatchObject({ status: 200, text: 'cold' })
    expect(copied.headers).not.toHaveProperty('x-amz-restore')
    expect(copied.headers).not.toHaveProperty('x-amz-storage-class')
    // A copy into the archive is as any other object there.
    const cold = { ...copy.headers, 'x-amz-storage-class': 'GLACIER' }
    expect((await server().request('PUT', `/${object.bucket}/cold`, { headers: cold })).status).toBe(200)
    expect(verdict(await server().request('GET', `/${object.bucket}/cold`))).toBe('403 InvalidObjectState')
    // Onto itself, to leave the archive for good.
    const thaw = { headers: { ...copy.headers, 'x-amz-storage-class': 'STANDARD' } }
    expect((await server().request('PUT', object.path, thaw)).status).toBe(200)
    await advance(server(), 100 * DAY_MS)
    expect((await object.get()).text).toBe('cold')
  })

  it('is listed with its restore where the request asks so', async () => {
    const object = await archivedObject(server(), { versioned: true })
    const asking = { 'x-amz-optional-object-attributes': 'RestoreStatus' }
    const list = async (query: Record<string, string | undefined>, headers: Record<string, string> = asking) => {
      const { text } = await server().request('GET', `/${object.bucket}`, { query, headers })
      return /<RestoreStatus>.*<\/RestoreStatus>/.exec(text)?.[0]
    }
    const all = async () => [await list({}), await list({ 'list-type': '2' }), await list({ versions: undefined })]
    expect(await all()).toEqual([undefined, undefined, undefined])
    await object.restore()
    const ongoing = '<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>'
    expect(await all()).toEqual([ongoing, ongoing, ongoing])
    await advance(server(), DELAY_MS)
    const until = new Date(server().running.services.clock.now() + DAY_MS).toISOString()
    const date = `<RestoreExpiryDate>${until}</RestoreExpiryDate>`
    const restored = `<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>${date}</RestoreStatus>`
    expect(await all()).toEqual([restored, restored, restored])
    expect(await list({}, {})).toBeUndefined()
    await advance(server(), DAY_MS)
    expect(await all()).toEqual([undefined, undefined, undefined])
  })
})
