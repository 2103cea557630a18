import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../../../support/buckets.ts'
import {
  bucketWithPicture,
  gradient,
  HALF,
  type ProcessOrder,
  processObject,
  putFile,
  shapeOf,
  watermark,
} from '../../../support/image-files.ts'
import { type TestRequest, useServer } from '../../../support/server.ts'
import { encodeQuery, presignV2, presignV4 } from '../../../support/sign.ts'

const FORM = 'application/x-www-form-urlencoded'
const server = useServer()
const process = (path: string, order?: ProcessOrder) => processObject(server(), path, order)
const read = (path: string, options: TestRequest = {}) => server().request('GET', path, options)

describe('ProcessObject takes the directive and the source', () => {
  const encoded = encodeURIComponent
  const named = (directive: string, source: string) =>
    `<ProcessObjectRequest><ZosProcess>${directive}</ZosProcess><ProcessSource>${source}</ProcessSource></ProcessObjectRequest>`

  it.each<[string, (source: string) => TestRequest]>([
    ['both from the query', (source) => ({ query: { 'x-zos-process': HALF, 'x-amz-process-source': source } })],
    ['both from headers', (source) => ({ headers: { 'x-zos-process': HALF, 'x-zos-process-source': source } })],
    ['as CopyObject has it', (source) => ({ headers: { 'x-zos-process': HALF, 'x-amz-copy-source': source } })],
    [
      'from a form',
      (source) => ({
        headers: { 'content-type': `${FORM}; charset=utf-8` },
        body: `x-zos-process=${encoded(HALF)}&x-zos-copy-source=${encoded(source)}&Other=1`,
      }),
    ],
    ['from a document', (source) => ({ headers: { 'content-type': 'text/xml' }, body: named(HALF, source) })],
    ['from a document of no type', (source) => ({ body: `<?xml version="1.0"?>\n${named(HALF, source)}` })],
    [
      'from places that agree',
      (source) => ({
        query: { 'x-zos-process': HALF },
        headers: { 'x-amz-process-source': source, 'x-zos-process': HALF },
        body: named(HALF, source),
      }),
    ],
  ])('%s', async (_case, sent) => {
    const bucket = await bucketWithPicture(server())
    const answer = await server().request('POST', `/${bucket}/out`, sent(`${bucket}/p.jpg`))
    expect(verdict(answer)).toBe('200')
    expect(await shapeOf(await read(`/${bucket}/out`))).toBe('jpeg 60x40')
    // They are signed by SigV2 as well.
    const v2 = await server().request('POST', `/${bucket}/v2`, { ...sent(`${bucket}/p.jpg`), sign: 'v2' })
    expect(verdict(v2)).toBe('200')
  })

  it('with a slash in front, percent-encoded, and the version in any letter case', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    const key = encoded('目录/a b+c.png')
    const first = await putFile(server(), `/${bucket}/${key}`)
    await putFile(server(), `/${bucket}/${key}`, { body: await gradient({ width: 40, height: 40 }) })
    for (const [source, shape] of [
      [`/${bucket}/${key}`, 'jpeg 20x20'],
      [`${bucket}/${key}?versionId=${first}`, 'jpeg 60x40'],
      [`${bucket}/${key}?Versionid=${first}`, 'jpeg 60x40'],
      [`${bucket}/${key}?VERSIONID=${first}`, 'jpeg 60x40'],
    ] as const) {
      expect(verdict(await process(`/${bucket}/out`, { source }))).toBe('200')
      expect([source, await shapeOf(await read(`/${bucket}/out`))]).toEqual([source, shape])
    }
  })

  it.each<[string, (source: string) => TestRequest, string, string]>([
    ['no directive', (source) => ({ headers: { 'x-amz-process-source': source } }), 'InvalidArgument', 'x-zos-process'],
    ['no source', () => ({ query: { 'x-zos-process': HALF } }), 'InvalidArgument', 'x-amz-process-source'],
    ['neither', () => ({}), 'InvalidArgument', 'x-amz-process-source'],
    [
      'two directives',
      (source) => ({
        query: { 'x-zos-process': HALF },
        headers: { 'x-zos-process': 'image/info', 'x-amz-process-source': source },
      }),
      'InvalidArgument',
      'contradicts',
    ],
    [
      'two sources',
      (source) => ({
        headers: { 'x-zos-process': HALF, 'x-amz-process-source': source, 'x-zos-copy-source': `/${source}` },
      }),
      'InvalidArgument',
      'contradicts',
    ],
    [
      'a directive that is none',
      (source) => ({ query: { 'x-zos-process': 'image/resize,w_x' }, headers: { 'x-amz-process-source': source } }),
      'InvalidArgument',
      'w_x',
    ],
    [
      'a source without a key',
      () => ({ query: { 'x-zos-process': HALF }, headers: { 'x-amz-process-source': 'bucket' } }),
      'InvalidArgument',
      'Process source',
    ],
    [
      'a source that is not percent-encoded right',
      () => ({ query: { 'x-zos-process': HALF }, headers: { 'x-amz-process-source': 'b/k%zz' } }),
      'InvalidArgument',
      'Process source',
    ],
    [
      'a body of another kind',
      (source) => ({ headers: { 'content-type': 'application/json' }, body: `{"ProcessSource":"${source}"}` }),
      'InvalidArgument',
      FORM,
    ],
    [
      'a document with another element',
      (source) => ({ body: named(HALF, `${source}</ProcessSource><Other/>`) }),
      'MalformedXML',
      '',
    ],
    ['a document that is not closed', () => ({ body: '<ProcessObjectRequest>' }), 'MalformedXML', ''],
    ['a body that is too large', () => ({ body: `<A>${' '.repeat(70_000)}</A>` }), 'MaxMessageLengthExceeded', ''],
  ])('but not %s', async (_case, sent, code, named) => {
    const bucket = await bucketWithPicture(server())
    const refused = await server().request('POST', `/${bucket}/out`, sent(`${bucket}/p.jpg`))
    expect(verdict(refused)).toBe(`400 ${code}`)
    expect(refused.text).toContain(named)
    expect((await read(`/${bucket}/out`)).status).toBe(404)
    expect(verdict(await process(`/${bucket}/out`, { source: `${bucket}/p.jpg` }))).toBe('200')
  })
})

describe('ProcessObject by a presigned URL', () => {
  interface Sent {
    readonly query?: Record<string, string>
    readonly headers?: Record<string, string>
    readonly body?: string
  }

  /** Presigned for what is `signed`, sent with what is added by whoever holds the URL. */
  async function post(version: 'v2' | 'v4', path: string, { signed, added = {} }: { signed: Sent; added?: Sent }) {
    const { query = {}, headers = {} } = signed
    const url = { host: `127.0.0.1:${server().port}`, path, query: encodeQuery(query) }
    const presign = version === 'v2' ? presignV2 : presignV4
    const { target } = presign({ method: 'POST', url, headers }, server().root)
    const more = Object.entries(added.query ?? {}).map(([name, value]) => `&${name}=${value}`)
    const answer = await fetch(server().url + target + more.join(''), {
      method: 'POST',
      headers: { ...headers, ...added.headers },
      body: added.body ?? null,
    })
    return `${answer.status} ${/<Code>(\w+)/.exec(await answer.text())?.[1] ?? ''}`.trim()
  }

  it.each(['v2', 'v4'] as const)('of %s, the source is what was signed', async (version) => {
    const bucket = await bucketWithPicture(server())
    const [path, source] = [`/${bucket}/out`, `${bucket}/p.jpg`]
    const query = { 'x-zos-process': HALF }
    const headers = { 'x-amz-process-source': source }
    expect(await post(version, path, { signed: { query, headers } })).toBe('200')
    expect(await post(version, path, { signed: { headers }, added: { query } })).toBe('200')
    // What was not signed is no source: whoever holds the URL could name any object that the signer may read.
    const xml = `<A><ProcessSource>${source}</ProcessSource></A>`
    const additions: readonly Sent[] = [
      { headers: { 'x-zos-process-source': source } },
      { query: { 'x-zos-process-source': source } },
      { headers: { 'content-type': 'text/xml' }, body: xml },
    ]
    for (const added of additions) {
      const expected = added.query !== undefined && version === 'v4' ? '403 SignatureDoesNotMatch' : '403 AccessDenied'
      const found = await post(version, path, { signed: { query }, added })
      // A Content-Type is a part of what SigV2 signs.
      expect(found).toBe(version === 'v2' && added.body !== undefined ? '403 SignatureDoesNotMatch' : expected)
    }
    const other = { 'x-amz-copy-source': source }
    expect(await post(version, path, { signed: { query }, added: { headers: other } })).toMatch(/^403 /)
  })

  it('of a client that signs headers in the URL', async () => {
    const bucket = await bucketWithPicture(server())
    const query = { 'x-zos-process': HALF, 'x-amz-process-source': `${bucket}/p.jpg` }
    expect(await post('v4', `/${bucket}/out`, { signed: { query } })).toBe('200')
    expect(await shapeOf(await read(`/${bucket}/out`))).toBe('jpeg 60x40')
  })

  it('reads only public pictures for a directive that was appended', async () => {
    const bucket = await bucketWithPicture(server())
    await putFile(server(), `/${bucket}/mark.png`)
    const headers = { 'x-amz-process-source': `${bucket}/p.jpg` }
    const query = { 'x-zos-process': watermark('mark.png') }
    expect(await post('v4', `/${bucket}/out`, { signed: { headers }, added: { query } })).toBe('403 AccessDenied')
    expect(await post('v4', `/${bucket}/out`, { signed: { headers, query } })).toBe('200')
  })
})
