import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { element, elements } from '../support/multipart.ts'
import { type Answer, type Client, sha256 } from './client.ts'
import { PLAIN_BUCKET, VERSIONED_BUCKET, type World, type WrittenVersion } from './world.ts'

/** Requests at the same time. */
const READERS = 16

/** Looks whether the server has everything that it acknowledged, and nothing that is less than whole. */
export async function verifyWorld(client: Client, world: World): Promise<void> {
  const present = await verifyObjects(client, world)
  await verifyListing(client, present)
  await verifyVersions(client, world.versions)
  world.checkedVersions.push(...world.versions)
  world.versions = []
  await completeUploads(client, world)
}

/** Each key is in a state that it may be in. Returns the ones that are there, with what reading them gave. */
async function verifyObjects(client: Client, world: World): Promise<Map<string, Answer>> {
  const present = new Map<string, Answer>()
  await eachOf([...world.objects()], async ([key, history]) => {
    const answer = await client.send({ method: 'GET', path: `/${PLAIN_BUCKET}/${key}` })
    const state = answer.status === 404 ? 'absent' : sha256(answer.body)
    const detail = `${key}: ${answer.status}, ${answer.body.length} bytes; allowed: ${[...history.allowed()]}`
    expect([200, 404], detail).toContain(answer.status)
    expect(history.allowed().has(state), detail).toBe(true)
    history.settle(state)
    if (key.startsWith('appended/')) world.appended.set(key, state === 'absent' ? Buffer.alloc(0) : answer.body)
    if (state !== 'absent') present.set(key, answer)
  })
  return present
}

/** The listing names exactly what can be read, with its size and the MD5 of its bytes. */
async function verifyListing(client: Client, present: ReadonlyMap<string, Answer>): Promise<void> {
  const listed = new Map<string, { size: number; etag: string }>()
  for (let token: string | undefined, more = true; more; ) {
    const query = {
      'list-type': '2',
      'max-keys': '50',
      ...(token === undefined ? {} : { 'continuation-token': token }),
    }
    const { body } = await client.send({ method: 'GET', path: `/${PLAIN_BUCKET}`, query })
    for (const entry of body.toString().split('<Contents>').slice(1)) {
      const etag = element(entry, 'ETag').replaceAll('&quot;', '')
      listed.set(element(entry, 'Key'), { size: Number(element(entry, 'Size')), etag })
    }
    more = element(body.toString(), 'IsTruncated') === 'true'
    token = more ? element(body.toString(), 'NextContinuationToken') : undefined
  }
  expect([...listed.keys()].toSorted()).toEqual([...present.keys()].toSorted())
  for (const [key, { size, etag }] of listed) {
    const answer = present.get(key)
    expect(answer?.body.length, key).toBe(size)
    expect(answer?.headers.etag, key).toBe(`"${etag}"`)
    if (!etag.includes('-'))
      expect(
        createHash('md5')
          .update(answer?.body ?? '')
          .digest('hex'),
        key,
      ).toBe(etag)
  }
}

export async function verifyVersions(client: Client, versions: readonly WrittenVersion[]): Promise<void> {
  await eachOf(versions, async ({ key, versionId, hash }) => {
    const answer = await client.send({ method: 'GET', path: `/${VERSIONED_BUCKET}/${key}`, query: { versionId } })
    expect([answer.status, sha256(answer.body)], `${key} ${versionId}`).toEqual([200, hash])
  })
}

/** Every version that the listing names can be read, also those whose acknowledgement got lost. */
export async function verifyVersionListing(client: Client): Promise<number> {
  const listed: { key: string; versionId: string; size: number }[] = []
  for (let markers: Record<string, string> = {}, more = true; more; ) {
    const query = { versions: undefined, ...markers }
    const text = (await client.send({ method: 'GET', path: `/${VERSIONED_BUCKET}`, query })).body.toString()
    for (const entry of text.split('<Version>').slice(1)) {
      const [key, versionId, size] = [
        element(entry, 'Key'),
        element(entry, 'VersionId'),
        Number(element(entry, 'Size')),
      ]
      listed.push({ key, versionId, size })
    }
    more = element(text, 'IsTruncated') === 'true'
    const [keyMarker = '', versionMarker = ''] = ['NextKeyMarker', 'NextVersionIdMarker'].flatMap((name) =>
      elements(text, name),
    )
    markers = { 'key-marker': keyMarker, 'version-id-marker': versionMarker }
  }
  await eachOf(listed, async ({ key, versionId, size }) => {
    const answer = await client.send({ method: 'GET', path: `/${VERSIONED_BUCKET}/${key}`, query: { versionId } })
    expect([answer.status, answer.body.length], `${key} ${versionId}`).toEqual([200, size])
  })
  return listed.length
}

/**
 * Every part that was acknowledged is there: the uploads of before the crash can be completed. Those whose completion
 * was under way come first: it may have happened, and then it does not happen again.
 */
async function completeUploads(client: Client, world: World): Promise<void> {
  const uploads = world.uploads.toSorted((one, other) => Number(other.isAsked) - Number(one.isAsked))
  for (const { key, uploadId, document, hash } of uploads) {
    const path = `/${PLAIN_BUCKET}/${key}`
    const answer = await client.send({ method: 'POST', path, query: { uploadId }, body: document })
    expect(answer.status, `${answer.body}`).toBe(200)
    const { body } = await client.send({ method: 'GET', path })
    expect(sha256(body), key).toBe(hash)
    world.object(key).settle(hash)
  }
  world.uploads = []
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
