import { request as httpRequest } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HELD_BYTES_MAX } from '../../src/domain/images/held.ts'
import { verdict } from '../support/buckets.ts'
import { bucketWithPicture, gradient, HALF, putFile, shapeOf, watermark } from '../support/image-files.ts'
import { statementOn, usePolicy } from '../support/policies.ts'
import { type TestRequest, type TestResponse, useServer } from '../support/server.ts'
import { encodeQuery, presignV2, presignV4, signV4 } from '../support/sign.ts'

const PUBLIC = { 'x-amz-acl': 'public-read' }

describe('who may have a picture processed', () => {
  const server = useServer()

  function get(path: string, directive: string, options: TestRequest = {}): Promise<TestResponse> {
    return server().request('GET', path, { ...options, query: { ...options.query, 'x-zos-process': directive } })
  }

  it('is whoever may read it', async () => {
    const bucket = await bucketWithPicture(server())
    await putFile(server(), `/${bucket}/open.jpg`, { headers: PUBLIC })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await get(`/${bucket}/p.jpg`, HALF, { as }))).toBe('403 AccessDenied')
      expect(await shapeOf(await get(`/${bucket}/open.jpg`, HALF, { as }))).toBe('jpeg 60x40')
    }
    await usePolicy(
      server(),
      bucket,
      statementOn(bucket),
      statementOn(bucket, { Effect: 'Deny', Resource: `arn:aws:s3:::${bucket}/open.jpg` }),
    )
    expect(await shapeOf(await get(`/${bucket}/p.jpg`, HALF, { as: 'anonymous' }))).toBe('jpeg 60x40')
    expect(verdict(await get(`/${bucket}/open.jpg`, HALF, { as: 'anonymous' }))).toBe('403 AccessDenied')
  })

  it('needs another permission for a version that is named', async () => {
    const bucket = await bucketWithPicture(server(), {}, { versioning: 'Enabled' })
    const versionId = String((await server().request('HEAD', `/${bucket}/p.jpg`)).headers['x-amz-version-id'])
    await usePolicy(server(), bucket, statementOn(bucket))
    const named = () => get(`/${bucket}/p.jpg`, HALF, { as: 'alt', query: { versionId } })
    expect(verdict(await named())).toBe('403 AccessDenied')
    expect(await shapeOf(await get(`/${bucket}/p.jpg`, HALF, { as: 'alt' }))).toBe('jpeg 60x40')
    await usePolicy(server(), bucket, statementOn(bucket, { Action: 's3:GetObjectVersion' }))
    expect(await shapeOf(await named())).toBe('jpeg 60x40')
    expect(verdict(await get(`/${bucket}/p.jpg`, HALF, { as: 'alt' }))).toBe('403 AccessDenied')
  })

  it('must be allowed to read what is laid on it', async () => {
    const bucket = await bucketWithPicture(server(), PUBLIC)
    const mark = await gradient({ width: 20, height: 20, format: 'png' })
    await putFile(server(), `/${bucket}/mark.png`, { body: mark })
    const marked = (as: 'alt' | 'root') => get(`/${bucket}/p.jpg`, watermark('mark.png'), { as })
    expect(verdict(await marked('root'))).toBe('200')
    // What has been made for another one is no way around it.
    expect(verdict(await marked('alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(`/${bucket}/p.jpg`, watermark('none.png'), { as: 'alt' }))).toBe('403 AccessDenied')
    await putFile(server(), `/${bucket}/mark.png`, { body: mark, headers: PUBLIC })
    expect(verdict(await marked('alt'))).toBe('200')
  })

  it('may overwrite response headers only when it is known', async () => {
    const bucket = await bucketWithPicture(server(), PUBLIC)
    const query = { 'response-content-type': 'image/x-own' }
    expect(verdict(await get(`/${bucket}/p.jpg`, HALF, { query, as: 'anonymous' }))).toBe('400 InvalidRequest')
  })
})

describe('a presigned URL', () => {
  const server = useServer()
  const url = (path: string, query?: Record<string, string>) => ({
    host: `127.0.0.1:${server().port}`,
    path,
    query: encodeQuery(query ?? {}),
  })

  function presigned(version: 'v2' | 'v4', path: string, query?: Record<string, string>): string {
    const presign = version === 'v2' ? presignV2 : presignV4
    return server().url + presign({ method: 'GET', url: url(path, query) }, server().root).target
  }

  /** As a browser fetches it. */
  async function fetched(at: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    const answer = await fetch(at, { headers })
    const body = Buffer.from(await answer.arrayBuffer())
    return { status: answer.status, headers: {}, rawHeaders: [], body, text: body.toString('utf8') }
  }

  it.each(['v2', 'v4'] as const)(
    'of %s takes a directive that is appended, and one that is signed',
    async (version) => {
      const bucket = await bucketWithPicture(server())
      const plain = presigned(version, `/${bucket}/p.jpg`)
      expect(await shapeOf(await fetched(plain))).toBe('jpeg 120x80')
      expect(await shapeOf(await fetched(`${plain}&x-zos-process=image/resize,w_60/rotate,90`))).toBe('jpeg 40x60')
      const signed = presigned(version, `/${bucket}/p.jpg`, { 'x-zos-process': HALF })
      expect(await shapeOf(await fetched(signed))).toBe('jpeg 60x40')
      const changed = await fetched(signed.replace('p_50', 'p_25'))
      expect(verdict(changed)).toBe(version === 'v4' ? '403 SignatureDoesNotMatch' : '200')
      expect(verdict(await fetched(`${plain}&x-zos-process=image/frobnicate`))).toBe('400 InvalidArgument')
      expect(verdict(await fetched(plain.replace('p.jpg', 'q.jpg')))).toBe('403 SignatureDoesNotMatch')
    },
  )

  it.each(['v2', 'v4'] as const)('of %s opens no second object for whoever holds it', async (version) => {
    const bucket = await bucketWithPicture(server())
    const mark = await gradient({ width: 20, height: 20, format: 'png' })
    await putFile(server(), `/${bucket}/secret.png`, { body: mark })
    await putFile(server(), `/${bucket}/open.png`, { body: mark, headers: PUBLIC })
    const plain = presigned(version, `/${bucket}/p.jpg`)
    const append = (key: string) => `${plain}&x-zos-process=${watermark(key)}`
    const refused = await fetched(append('secret.png'))
    expect(verdict(refused)).toBe('403 AccessDenied')
    expect(refused.text).toContain('watermark')
    expect(verdict(await fetched(append('open.png')))).toBe('200')
    // A header is no part of what the URL's signature covers either.
    expect(verdict(await fetched(plain, { 'x-zos-process': watermark('secret.png') }))).toBe('403 AccessDenied')
    expect(verdict(await fetched(plain, { 'x-zos-process': watermark('open.png') }))).toBe('200')
    // SigV2 covers no directive, SigV4 does.
    const signed = presigned(version, `/${bucket}/p.jpg`, { 'x-zos-process': watermark('secret.png') })
    expect(verdict(await fetched(signed))).toBe(version === 'v4' ? '200' : '403 AccessDenied')
  })
})

describe.each(['aws', 'rgw', 'ibm-cos'] as const)('in dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })

  it('x-zos-process is a parameter that nobody knows', async () => {
    const bucket = await bucketWithPicture(server())
    const path = `/${bucket}/p.jpg`
    const plain = await server().request('GET', path)
    for (const directive of [HALF, 'image/frobnicate', '']) {
      const query = { 'x-zos-process': directive }
      const answers = [
        await server().request('GET', path, { query }),
        await server().request('GET', path, { headers: query }),
      ]
      for (const { status, body, headers } of answers) {
        expect([status, body.equals(plain.body), headers.etag]).toEqual([200, true, plain.headers.etag])
      }
      expect((await server().request('HEAD', path, { query })).headers.etag).toBe(plain.headers.etag)
    }
  })
})

describe('when all places are taken', () => {
  const server = useServer({ config: { images: { concurrency: 1, queueMax: 1 } } })

  /** Takes the only place; the function gives it back, as the end of the test does. */
  async function takePlace(): Promise<() => Promise<void>> {
    const taken = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const session = server().running.services.renderer.session(async () => {
      taken.resolve()
      await released.promise
    }, new AbortController().signal)
    await taken.promise
    onTestFinished(() => released.resolve())
    return () => {
      released.resolve()
      return session
    }
  }

  const waiting = () => server().running.services.renderer.stats().waiting

  it('so many wait, the others are told to come later, and all else goes on', async () => {
    const bucket = await bucketWithPicture(server())
    const get = (width: number) =>
      server().request('GET', `/${bucket}/p.jpg`, { query: { 'x-zos-process': `image/resize,w_${width}` } })
    await get(10)
    const release = await takePlace()
    const first = get(20)
    await vi.waitFor(() => expect(waiting()).toBe(1))
    const second = await get(30)
    expect([second.status, verdict(second)]).toEqual([503, '503 SlowDown'])
    expect((await server().request('GET', `/${bucket}/p.jpg`)).status).toBe(200)
    // What has been made before needs no place, and who wants what is being made already waits with him who was first.
    expect(await shapeOf(await get(10))).toBe('jpeg 10x7')
    const same = get(20)
    const metrics = await (await fetch(`${server().adminUrl}/metrics`)).text()
    expect(metrics).toContain('cozos_renders_running 1\n')
    expect(metrics).toContain('cozos_renders_waiting 1\n')
    await release()
    expect([await shapeOf(await first), await shapeOf(await same)]).toEqual(['jpeg 20x13', 'jpeg 20x13'])
    expect(await shapeOf(await get(30))).toBe('jpeg 30x20')
  })

  it('and when too much has not been fetched, the others are told to come later, too', async () => {
    const bucket = await bucketWithPicture(server())
    const get = (width: number) =>
      server().request('GET', `/${bucket}/p.jpg`, { query: { 'x-zos-process': `image/resize,w_${width}` } })
    await get(10)
    const release = server().running.services.renderings.held.hold(Buffer.allocUnsafeSlow(HELD_BYTES_MAX))
    onTestFinished(release)
    expect(verdict(await get(20))).toBe('503 SlowDown')
    expect(verdict(await get(10))).toBe('200')
    release()
    expect(verdict(await get(20))).toBe('200')
  })

  it('whoever leaves gives up his turn', async () => {
    const bucket = await bucketWithPicture(server())
    const release = await takePlace()
    const at = {
      host: `127.0.0.1:${server().port}`,
      path: `/${bucket}/p.jpg`,
      query: encodeQuery({ 'x-zos-process': HALF }),
    }
    const headers = signV4({ method: 'GET', url: at }, server().root)
    const leaving = httpRequest({
      ...at,
      host: '127.0.0.1',
      port: server().port,
      path: `${at.path}?${at.query}`,
      headers,
    })
    leaving.on('error', () => undefined).end()
    await vi.waitFor(() => expect(waiting()).toBe(1))
    // Not half of the connection, which a client may close and wait for its answer: all of it.
    leaving.socket?.resetAndDestroy()
    await vi.waitFor(() => expect(waiting()).toBe(0))
    await release()
    const query = { 'x-zos-process': HALF }
    expect(await shapeOf(await server().request('GET', `/${bucket}/p.jpg`, { query }))).toBe('jpeg 60x40')
  })

  it('a picture that is deleted while it waits is processed all the same', async () => {
    const bucket = await bucketWithPicture(server())
    const body = await gradient({ width: 400, height: 400, format: 'png' })
    await putFile(server(), `/${bucket}/large.png`, { body })
    const release = await takePlace()
    const query = { 'x-zos-process': HALF }
    const waits = server().request('GET', `/${bucket}/large.png`, { query })
    await vi.waitFor(() => expect(waiting()).toBe(1))
    await server().request('DELETE', `/${bucket}/large.png`)
    await release()
    expect(await shapeOf(await waits)).toBe('png 200x200')
    expect(verdict(await server().request('GET', `/${bucket}/large.png`, { query }))).toBe('404 NoSuchKey')
  })
})
