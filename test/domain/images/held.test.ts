import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRendering, renderOnce } from '../../../src/domain/images/cache.ts'
import { HeldResults } from '../../../src/domain/images/held.ts'
import { ENCRYPTED, FakeRenderer, md5, putPicture, read, requestOf } from '../../support/pictures.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
const LARGE = randomBytes(700_000)
const ALL = { offsetBytes: 0, lengthBytes: LARGE.length }

describe('results that are held', () => {
  it('count once, as long as somebody fetches them', () => {
    const held = new HeldResults()
    const [one, other] = [Buffer.alloc(10), Buffer.alloc(10)]
    const releases = [held.hold(one), held.hold(one), held.hold(other)]
    expect(held.bytes).toBe(20)
    for (const [index, bytes] of [20, 10, 0].entries()) {
      releases[index]?.()
      releases[index]?.()
      expect(held.bytes).toBe(bytes)
    }
  })
})

describe('a large result that is not kept', () => {
  let services: TestServices

  beforeEach(async () => {
    services = await openServices()
  })
  afterEach(() => services.dispose())

  async function open(range = ALL): Promise<Buffer | Readable> {
    const request = requestOf(await putPicture(services, 'p', ENCRYPTED))
    const rendering = await renderOnce(services, request, new FakeRenderer(LARGE).maker)
    return await openRendering(services, { rendering, range }, signal)
  }

  it('is held until it has been read, and read in pieces', async () => {
    const body = (await open()) as Readable
    expect(services.renderings.held.bytes).toBe(LARGE.length)
    const pieces: Buffer[] = await body.toArray()
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(256 * 1024)
    expect(md5(Buffer.concat(pieces))).toBe(md5(LARGE))
    await expect.poll(() => services.renderings.held.bytes).toBe(0)
  })

  it('is held no longer when its reader leaves', async () => {
    const body = (await open()) as Readable
    body.destroy()
    await expect.poll(() => services.renderings.held.bytes).toBe(0)
  })

  it('is not held for a small range of it', async () => {
    const body = await open({ offsetBytes: 100, lengthBytes: 1_000 })
    expect(services.renderings.held.bytes).toBe(0)
    expect(md5(await read(body))).toBe(md5(LARGE.subarray(100, 1_100)))
    expect((body as Buffer).buffer.byteLength).toBeLessThan(LARGE.length)
  })
})
