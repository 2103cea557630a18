// What anybody may send: the server answers, with a picture or with what is wrong, and goes on.

import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { Random } from '../crash/random.ts'
import { verdict } from '../support/buckets.ts'
import type { TestResponse } from '../support/server.ts'
import { gallery } from './gallery.ts'
import { useServed } from './served.ts'
import { oneOf, wildDirective } from './wild-directives.ts'
import { nastyFiles, wildFile } from './wild-files.ts'

const DIRECTIVES = 2_000
const FILES = 300
/** More than render at once, and fewer than may wait. */
const LANES = 6
const CONCURRENCY = 2
const SEED = 20_260_614
const MIB = 1024 * 1024
/** What the server itself may have grown by, which holds sources and results, but no pixels. */
const GROWTH_BYTES_MAX = 400 * MIB
/** On a machine that has other work. */
const PATIENCE_MS = 600_000

const pictures = await gallery({ width: 96, height: 64 })
const keys = [...pictures.keys()]
const files = [...pictures.values()]

const served = useServed(async () => pictures, {
  config: { images: { concurrency: CONCURRENCY, timeoutMs: 20_000, memoryBytes: 1024 * MIB, cacheBytes: 16 * MIB } },
})

/** All of them, some at a time, in an order that does not depend on the machine. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

const EXPECTED = /^(?:200|400 InvalidArgument|404 NoSuchKey|503 SlowDown)$/

/** What it should not be; undefined for what it may be. */
async function offence(answer: TestResponse): Promise<string | undefined> {
  if (!EXPECTED.test(verdict(answer))) return verdict(answer)
  const type = answer.headers['content-type']
  if (answer.headers['content-length'] !== String(answer.body.length)) return 'another length than it says'
  if (answer.status !== 200) return answer.text.includes('<Message>') ? undefined : 'no message'
  if (type === 'application/json') return typeof JSON.parse(answer.text) === 'object' ? undefined : 'no document'
  if (type === 'image/bmp') return answer.text.startsWith('BM') ? undefined : 'no BMP'
  const { format } = await sharp(answer.body).metadata()
  return type === `image/${format}` ? undefined : `a ${format} that is called ${type}`
}

interface Rendering {
  readonly key: string
  readonly directive: string
}

/** The answers by their verdicts; fails with those that should not have been given. */
async function ask(renderings: readonly Rendering[]): Promise<ReadonlyMap<string, number>> {
  const verdicts = new Map<string, number>()
  const offences: string[] = []
  await inLanes(renderings, async ({ key, directive }) => {
    const answer = await served.get(key, directive)
    const found = await offence(answer).catch((cause: unknown) => String(cause))
    if (found !== undefined) offences.push(`${found}: ${key} ${JSON.stringify(directive)}`)
    verdicts.set(verdict(answer), (verdicts.get(verdict(answer)) ?? 0) + 1)
    expect(renderer().stats().processes).toBeLessThanOrEqual(CONCURRENCY)
  })
  expect(offences).toEqual([])
  return verdicts
}

function renderer() {
  return served.server().running.services.renderer
}

/** Whatever was sent before: it works, and holds no more than it should. */
async function expectSound(rssBefore: number): Promise<void> {
  expect(verdict(await served.get('photo.jpg', 'image/resize,w_33'))).toBe('200')
  await expect.poll(() => renderer().stats()).toMatchObject({ running: 0, waiting: 0 })
  expect(renderer().stats().processes).toBeLessThanOrEqual(CONCURRENCY)
  expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(GROWTH_BYTES_MAX)
  const errors = served.server().logLines.filter((line) => JSON.parse(line).level >= 50)
  expect(errors).toEqual([])
}

describe('anything is answered', () => {
  it(
    `${DIRECTIVES} directives`,
    async () => {
      const random = new Random(SEED)
      const renderings = Array.from({ length: DIRECTIVES }, () => ({
        key: oneOf(random, keys),
        directive: wildDirective(random, keys),
      }))
      const rss = process.memoryUsage.rss()
      const verdicts = await ask(renderings)
      await expectSound(rss)
      // Both happen often enough that the numbers mean something.
      expect(verdicts.get('200')).toBeGreaterThan(DIRECTIVES / 5)
      expect(verdicts.get('400 InvalidArgument')).toBeGreaterThan(DIRECTIVES / 5)
    },
    PATIENCE_MS,
  )

  const WAYS = [
    'image/resize,w_40',
    'image/format,png',
    'image/info',
    'image/average-hue',
    'image/rotate,30/format,bmp',
  ]

  it(
    `${FILES} damaged files`,
    async () => {
      const random = new Random(SEED)
      const rss = process.memoryUsage.rss()
      const renderings: Rendering[] = []
      for (let number = 0; number < FILES; number += 1) {
        const { key, body } = wildFile(random, files, number)
        await served.put(key, body)
        renderings.push({ key, directive: oneOf(random, WAYS) }, { key, directive: oneOf(random, WAYS) })
      }
      const verdicts = await ask(renderings)
      await expectSound(rss)
      expect(verdicts.get('200')).toBeGreaterThan(FILES / 5)
      expect(verdicts.get('400 InvalidArgument')).toBeGreaterThan(FILES / 5)
    },
    PATIENCE_MS,
  )

  it(
    'files that were made on purpose',
    async () => {
      const rss = process.memoryUsage.rss()
      const nasty = nastyFiles(pictures)
      for (const [key, body] of nasty) await served.put(key, body)
      const renderings = [...nasty.keys()].flatMap((key) => WAYS.map((directive) => ({ key, directive })))
      await ask(renderings)
      await expectSound(rss)
      // As watermarks, too.
      const image = (key: string): string => Buffer.from(key).toString('base64').replaceAll('/', '_')
      await ask(
        [...nasty.keys()].map((key) => ({ key: 'photo.jpg', directive: `image/watermark,image_${image(key)}` })),
      )
      await expectSound(rss)
    },
    PATIENCE_MS,
  )
})
