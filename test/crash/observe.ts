import { openManifest } from '../../src/domain/bytes/open.ts'
import type { Services } from '../../src/domain/services.ts'
import { sha256 } from './client.ts'
import { TOPIC } from './scenarios.ts'

const ALL = { prefix: '', from: undefined, limit: 100 } as const

/** Events of all buckets that a test has had so far. */
const EVENTS_MAX = 10_000

/**
 * All that clients can find in a bucket, read to the last byte, and what waits to be told of it; without times and ids,
 * as they differ between runs.
 */
export async function observe(services: Services, bucketId: number): Promise<unknown> {
  const { versions, uploads, usage } = await services.metadata.read(async (tx) => {
    const listed = await tx.versions.listAll({ ...ALL, bucketId, olderThanId: undefined })
    const open = await tx.uploads.list({ ...ALL, bucketId, afterUploadId: undefined })
    return {
      versions: await Promise.all(listed.map(({ key, versionId }) => tx.versions.find({ bucketId, key, versionId }))),
      uploads: await Promise.all(
        open.map((upload) => tx.uploads.parts(upload.uploadId, { afterPartNumber: 0, limit: 10 })),
      ),
      usage: await tx.buckets.usage(bucketId),
    }
  })
  const objects: unknown[] = []
  for (const version of versions) {
    if (version === undefined) throw new Error('a listed version is there')
    const { key, kind, isLatest, etag, appends, partCount, storageClass } = version
    objects.push({
      key,
      kind,
      isLatest,
      etag,
      appends,
      partCount,
      storageClass,
      bytes: await hashOf(services, version),
    })
  }
  const parts: unknown[] = []
  for (const part of uploads.flat()) {
    parts.push({ partNumber: part.partNumber, etag: part.etag, bytes: await hashOf(services, part) })
  }
  return { objects, uploads: uploads.length, parts, usage, events: await eventsOf(services, bucketId) }
}

async function eventsOf(services: Services, bucketId: number): Promise<string[]> {
  const events = await services.metadata.read(async (tx) => {
    const topic = await tx.topics.find(TOPIC)
    if (topic === undefined) throw new Error('each bucket has been made with its topic')
    return await tx.outbox.list({ topicId: topic.id, afterId: 0, limit: EVENTS_MAX })
  })
  return events
    .filter((event) => event.bucketId === bucketId)
    .map(({ key, document }) => `${/"eventName":"([^"]*)"/.exec(document)?.[1]} ${key}`)
}

interface Stored {
  readonly manifestId: number | undefined
  readonly sizeBytes: number
}

async function hashOf(services: Services, { manifestId, sizeBytes }: Stored): Promise<string> {
  const manifest = { manifestId, range: { offsetBytes: 0, lengthBytes: sizeBytes } }
  const pieces: Buffer[] = []
  for await (const piece of openManifest(services, manifest, new AbortController().signal)) pieces.push(piece)
  return `${sizeBytes} ${sha256(Buffer.concat(pieces))}`
}
