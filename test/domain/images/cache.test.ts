import { randomBytes } from 'node:crypto'
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findRendering, openRendering, renderOnce } from '../../../src/domain/images/cache.ts'
import { Renderings } from '../../../src/domain/images/renderings.ts'
import { s3Error } from '../../../src/errors.ts'
import { collectGarbage } from '../../../src/jobs/collect-garbage.ts'
import { chunkPath } from '../../../src/storage/chunks/disk/layout.ts'
import { openSqliteStore } from '../../../src/storage/metadata/sqlite/store.ts'
import { names } from '../../contracts/chunks.ts'
import { forwardChunks } from '../../support/chunk-stores.ts'
import { bytesOf, ENCRYPTED, FakeRenderer, md5, putPicture, read, requestOf } from '../../support/pictures.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
const SMALL = randomBytes(5_000)
/** More than lies in the database. */
const LARGE = randomBytes(700_000)
let services: TestServices

beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

const total = () => services.metadata.read((tx) => tx.renderings.total())
const whole = (bytes: Buffer) => ({ offsetBytes: 0, lengthBytes: bytes.length })

describe.each([
  ['small', SMALL],
  ['large', LARGE],
])('a %s result', (_size, bytes) => {
  it('is rendered once, and then read from the cache in whole and in ranges', async () => {
    const renderer = new FakeRenderer(bytes)
    const request = requestOf(await putPicture(services, 'p'))
    expect(await findRendering(services, request)).toBeUndefined()
    const first = await renderOnce(services, request, renderer.maker)
    const second = await renderOnce(services, request, renderer.maker)
    expect(renderer.rendered).toBe(1)
    for (const rendering of [first, second]) {
      expect(rendering).toMatchObject({ contentType: 'image/png', etag: md5(bytes), sizeBytes: bytes.length })
      expect(md5(await bytesOf(services, rendering))).toBe(md5(bytes))
      const range = { offsetBytes: 1_000, lengthBytes: 3_000 }
      expect(md5(await bytesOf(services, rendering, range))).toBe(md5(bytes.subarray(1_000, 4_000)))
    }
    // A large one is not held in memory until the slowest client has fetched it.
    expect([first.place.kind, second.place.kind]).toEqual([bytes === LARGE ? 'kept' : 'memory', 'kept'])
    expect(services.pins.pinned().size).toBe(0)
  })

  it('is still there after a restart', async () => {
    const renderer = new FakeRenderer(bytes)
    const request = requestOf(await putPicture(services, 'p'))
    await renderOnce(services, request, renderer.maker)
    await services.metadata.close()
    const metadata = await openSqliteStore({ dir: services.dir, durability: 'relaxed' })
    const renderings = new Renderings({ cacheBytes: 2 ** 30, onNotKept: expect.fail })
    const restarted = { ...services, metadata, renderings }
    expect(await renderer.ask(restarted, request)).toBe('hit')
    const rendering = await renderOnce(restarted, request, renderer.maker)
    expect(md5(await bytesOf(restarted, rendering))).toBe(md5(bytes))
    await metadata.close()
  })
})

it('lies in the default folder, whatever folder its picture’s class has', async () => {
  const divided = await openServices({}, ['STANDARD'])
  await new FakeRenderer(LARGE).ask(divided, requestOf(await putPicture(divided, 'p')))
  const folder = await readdir(join(divided.dir, 'chunks'), { recursive: true })
  const files = await names(divided.chunks)
  expect(files).toHaveLength(1)
  expect(folder.some((path) => path.includes(files[0] ?? '-'))).toBe(true)
  await divided.dispose()
})

describe('results of several directives and pictures', () => {
  it('are kept apart', async () => {
    const renderer = new FakeRenderer(SMALL)
    const [one, other] = [await putPicture(services, 'one'), await putPicture(services, 'other')]
    const requests = [requestOf(one, 1), requestOf(one, 2), requestOf(other, 1), requestOf(one, 1, [other])]
    for (const outcome of ['miss', 'hit']) {
      for (const request of requests) expect(await renderer.ask(services, request)).toBe(outcome)
    }
  })

  it('are rendered once when several ask at the same moment, be the first to ask gone', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const renderer = new FakeRenderer(LARGE)
    const request = requestOf(await putPicture(services, 'p'))
    const leaving = new AbortController()
    const render = async () => {
      await promise
      return await renderer.maker.render()
    }
    const first = renderOnce(services, request, { render, signal: leaving.signal })
    const others = [1, 2, 3].map(() => renderOnce(services, request, { render, signal }))
    leaving.abort(new Error('client gone'))
    await expect(first).rejects.toThrow('client gone')
    resolve()
    for (const rendering of await Promise.all(others)) expect(md5(await bytesOf(services, rendering))).toBe(md5(LARGE))
    expect([renderer.rendered, services.renderings.underWay.size]).toEqual([1, 0])
  })

  it('fail together, and are tried anew', async () => {
    const request = requestOf(await putPicture(services, 'p'))
    const render = () => Promise.reject(s3Error('InvalidArgument'))
    const failing = [1, 2].map(() => renderOnce(services, request, { render, signal }))
    for (const { status } of await Promise.allSettled(failing)) expect(status).toBe('rejected')
    const renderer = new FakeRenderer(SMALL)
    expect([await renderer.ask(services, request), await renderer.ask(services, request)]).toEqual(['miss', 'hit'])
  })
})

describe('what is not kept', () => {
  it.each(['the picture', 'an overlay'])('is a result where %s is encrypted', async (which) => {
    const renderer = new FakeRenderer(LARGE)
    const sealed = await putPicture(services, 'sealed', ENCRYPTED)
    const plain = await putPicture(services, 'plain')
    const request = which === 'the picture' ? requestOf(sealed, 1, [plain]) : requestOf(plain, 1, [sealed])
    expect([await renderer.ask(services, request), await renderer.ask(services, request)]).toEqual(['miss', 'miss'])
    expect([await total(), await names(services.chunks)]).toEqual([{ count: 0, bytes: 0 }, []])
    const valid = requestOf(plain, 1)
    expect([await renderer.ask(services, valid), await renderer.ask(services, valid)]).toEqual(['miss', 'hit'])
  })

  it('is a result whose picture turns out to be encrypted when it is about to be stored', async () => {
    const renderer = new FakeRenderer(LARGE)
    const sealed = await putPicture(services, 'sealed', ENCRYPTED)
    const { encryption: _, ...attributes } = sealed.attributes
    await renderer.ask(services, requestOf({ ...sealed, attributes }))
    expect([await total(), await names(services.chunks)]).toEqual([{ count: 0, bytes: 0 }, []])
  })

  it.each(['removed', 'replaced'] as const)('is a result whose picture was %s meanwhile', async (how) => {
    const source = await putPicture(services, 'p')
    const render = async () => {
      await services.metadata.write(async (tx) => {
        if (how === 'removed') await tx.versions.remove(source, 0)
        else await tx.versions.replace(source, source, 0)
      })
      return { bytes: LARGE, contentType: 'image/png' }
    }
    const rendering = await renderOnce(services, requestOf(source), { render, signal })
    expect(md5(await bytesOf(services, rendering))).toBe(md5(LARGE))
    expect([await total(), await names(services.chunks)]).toEqual([{ count: 0, bytes: 0 }, []])
  })

  it('is anything while the cache is off; what is asked for at one moment is rendered once all the same', async () => {
    const off = { ...services, renderings: new Renderings({ cacheBytes: 0, onNotKept: expect.fail }) }
    const renderer = new FakeRenderer(LARGE)
    const request = requestOf(await putPicture(services, 'p'))
    expect([await renderer.ask(off, request), await renderer.ask(off, request)]).toEqual(['miss', 'miss'])
    await Promise.all([1, 2].map(() => renderOnce(off, request, renderer.maker)))
    expect([renderer.rendered, await names(services.chunks)]).toEqual([3, []])
  })

  it('is what a full disk has no room for; the request has its result, and somebody hears of it', async () => {
    const causes: unknown[] = []
    const renderings = new Renderings({ cacheBytes: 2 ** 30, onNotKept: (cause) => causes.push(cause) })
    const full = s3Error('ServiceUnavailable')
    const broken = {
      ...services,
      renderings,
      chunks: forwardChunks(services.chunks, { put: () => Promise.reject(full) }),
    }
    const renderer = new FakeRenderer(LARGE)
    const request = requestOf(await putPicture(services, 'p'))
    const rendering = await renderOnce(broken, request, renderer.maker)
    expect(md5(await bytesOf(broken, rendering))).toBe(md5(LARGE))
    expect([causes, await total()]).toEqual([[full], { count: 0, bytes: 0 }])
    expect(await renderer.ask(services, request)).toBe('miss')
  })
})

describe('reading', () => {
  async function kept(bytes: Buffer) {
    const source = await putPicture(services, 'p')
    const renderer = new FakeRenderer(bytes)
    await renderer.ask(services, requestOf(source))
    return { source, renderer, request: requestOf(source) }
  }

  it('goes on when the picture is deleted meanwhile and the garbage collected', async () => {
    const { source, request, renderer } = await kept(LARGE)
    const rendering = await renderOnce(services, request, renderer.maker)
    const body = await openRendering(services, { rendering, range: whole(LARGE) }, signal)
    await services.metadata.write((tx) => tx.versions.remove(source, services.clock.now()))
    const job = collectGarbage(services)
    for (let step = 0; step < 5; step += 1) await job.step(signal)
    expect(md5(await read(body))).toBe(md5(LARGE))
    expect(await names(services.chunks)).toHaveLength(1)
    for (let step = 0; step < 5; step += 1) await job.step(signal)
    expect(await names(services.chunks)).toEqual([])
  })

  it('forgets a result whose bytes have gone bad: the next request renders it anew', async () => {
    const { request, renderer } = await kept(LARGE)
    const [name = ''] = await names(services.chunks)
    await truncate(chunkPath(join(services.dir, 'chunks'), name), 100)
    const rendering = await renderOnce(services, request, renderer.maker)
    const body = await openRendering(services, { rendering, range: whole(LARGE) }, signal)
    await expect(read(body)).rejects.toThrow()
    await expect.poll(total).toEqual({ count: 0, bytes: 0 })
    expect([await renderer.ask(services, request), await renderer.ask(services, request)]).toEqual(['miss', 'hit'])
  })

  it('forgets no result because its reader leaves', async () => {
    const { request, renderer } = await kept(LARGE)
    const leaving = new AbortController()
    const rendering = await renderOnce(services, request, renderer.maker)
    const body = (await openRendering(services, { rendering, range: whole(LARGE) }, leaving.signal)) as Readable
    leaving.abort(new Error('client gone'))
    await expect(read(body)).rejects.toThrow()
    expect(await renderer.ask(services, request)).toBe('hit')
  })
})
