import { Readable } from 'node:stream'
import { NO_INTEGRITY } from '../../src/domain/bytes/integrity.ts'
import { receive } from '../../src/domain/bytes/receive.ts'
import { completeUpload } from '../../src/domain/multipart/complete.ts'
import { copyPart } from '../../src/domain/multipart/copy-part.ts'
import { openUpload, storePart } from '../../src/domain/multipart/part.ts'
import { abortUpload, createUpload } from '../../src/domain/multipart/uploads.ts'
import { Teller } from '../../src/domain/notifications/teller.ts'
import { appendObject } from '../../src/domain/objects/append.ts'
import { type CopyRequest, copyObject } from '../../src/domain/objects/copy.ts'
import { type PutRequest, putObject } from '../../src/domain/objects/put.ts'
import type { Services } from '../../src/domain/services.ts'
import { transition } from '../../src/domain/storage-classes/transition.ts'
import { deleteVersion } from '../../src/domain/versions/delete.ts'
import type { BucketRow, Versioning } from '../../src/storage/metadata/rows.ts'
import { NO_KEY, PLAIN } from '../support/encryption.ts'

export const PART_BYTES_MIN = 1024
export const INLINE = Buffer.alloc(5_000, 'inline ')
/** Several pieces of a file. */
export const FILE = Buffer.alloc(200_000, 'file ')
const PIECE_BYTES = 65_536

const signal = new AbortController().signal
const caller = { kind: 'anonymous' } as const
const attributes = { contentType: undefined, metadata: {}, tags: [], acl: undefined } as const
const ifMatchOnMissing = 'NoSuchKey'
const conditions = {}

/** A body as it comes from the network. */
export function bodyOf(bytes: Buffer): Parameters<typeof receive>[1] {
  const pieces = Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, at) =>
    bytes.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES),
  )
  return { stream: Readable.from(pieces, { objectMode: false }), sizeBytes: bytes.length, trailers: () => new Map() }
}

/** Hears of all that happens in the buckets. Nothing is delivered: what it is told waits in the outbox. */
export const TOPIC = { tenant: '', name: 'crash' } as const
const EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectLifecycle:*']

export async function newBucket(services: Services, name: string, versioning: Versioning): Promise<BucketRow> {
  const bucket = { tenant: '', name, ownerId: 'o', createdMs: 0, versioning, objectLock: false, location: '' } as const
  const arn = `arn:aws:sns:default::${TOPIC.name}`
  const notification = { id: 'all', topic: TOPIC, arn, element: 'TopicConfiguration' as const, events: EVENTS }
  const endpoint = { 'push-endpoint': 'inbox://crash', persistent: 'true' }
  return await services.metadata.write(async (tx) => {
    const topic = { ...TOPIC, ownerId: 'o', attributes: endpoint, sealedAttributes: undefined, createdMs: 0 }
    if ((await tx.topics.find(TOPIC)) === undefined) await tx.topics.put(topic)
    const settings = { notifications: [notification] }
    const more = { storageClass: 'STANDARD', azPolicy: undefined, acl: 'private', settings } as const
    return await tx.buckets.insert({ ...bucket, ...more })
  })
}

/** What clients ask for, on one bucket. The services are given each time: those of one request may fail. */
export class Requests {
  readonly #bucket: BucketRow

  constructor(bucket: BucketRow) {
    this.#bucket = bucket
  }

  async put(services: Services, key: string, bytes: Buffer): Promise<unknown> {
    return await putObject(
      services,
      { ...this.#write(services, key), integrity: NO_INTEGRITY, body: bodyOf(bytes) },
      signal,
    )
  }

  async append(services: Services, key: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<unknown> {
    const append = { ...this.#write(services, key), positionBytes: at, integrity: NO_INTEGRITY, body: bodyOf(bytes) }
    return await appendObject(services, append, signal)
  }

  async copy(services: Services, from: string, to: string): Promise<unknown> {
    return await this.#copy(services, from, this.#write(services, to))
  }

  async copyInto(services: Services, from: string, to: { key: string; storageClass: string }): Promise<unknown> {
    return await this.#copy(services, from, { ...this.#write(services, to.key), storageClass: to.storageClass })
  }

  async moveTo(services: Services, key: string, storageClass: string): Promise<unknown> {
    const version = await services.metadata.read((tx) => tx.versions.latest({ bucketId: this.#bucket.id, key }))
    if (version === undefined) throw new Error('the object is there')
    return await transition(services, { bucket: this.#bucket, version, storageClass }, signal)
  }

  async #copy(services: Services, from: string, to: Pick<CopyRequest, keyof CopyRequest & keyof PutRequest>) {
    const source = {
      tenant: '',
      name: this.#bucket.name,
      key: from,
      versionId: undefined,
      conditions,
      expectedOwner: undefined,
      offer: NO_KEY,
    }
    const directives = { metadataDirective: 'COPY', taggingDirective: 'COPY' } as const
    const absent = () => new Error('the source is there')
    const copy = { ...to, ...directives, source, checksumAlgorithm: undefined, absent }
    return await copyObject(services, copy, signal)
  }

  async remove(services: Services, key: string): Promise<unknown> {
    const deletion = { versionId: undefined, conditions, bypassGovernance: false, ownerId: 'o' }
    return await new Teller(services).write((tx, tell) =>
      deleteVersion(tx, { ...deletion, services, bucket: this.#bucket, key, tell }),
    )
  }

  async createUpload(services: Services, key: string, storageClass = 'STANDARD'): Promise<string> {
    const upload = { bucket: this.#bucket, key, caller, storageClass, attributes, checksum: undefined }
    return (await createUpload(services, { ...upload, encryption: PLAIN })).uploadId
  }

  async part(services: Services, upload: UploadAt, { number, bytes }: { number: number; bytes: Buffer }) {
    const ref = { ...this.#ref(upload), partNumber: number }
    await openUpload(services, ref)
    const maxBytes = services.limits.putBytesMax
    const options = { integrity: NO_INTEGRITY, signal, maxBytes, storageClass: 'STANDARD', protection: undefined }
    const received = await receive(services, bodyOf(bytes), options)
    return await storePart(services, ref, { received, etag: received.md5 })
  }

  async copyPart(services: Services, upload: UploadAt, { number, from }: { number: number; from: string }) {
    const range = { kind: 'from', firstByte: 10, lastByte: 9_999 } as const
    const named = { tenant: '', name: this.#bucket.name, key: from, versionId: undefined, expectedOwner: undefined }
    const source = { ...named, conditions, range, offer: NO_KEY, absent: () => new Error('the source is there') }
    return await copyPart(services, {
      part: { ...this.#ref(upload), partNumber: number },
      source,
      customerKey: undefined,
      signal,
    })
  }

  async complete(services: Services, upload: UploadAt): Promise<unknown> {
    const { uploadId } = upload
    const rows = await services.metadata.read((tx) => tx.uploads.parts(uploadId, { afterPartNumber: 0, limit: 10 }))
    const parts = rows.map(({ partNumber, etag }) => ({ partNumber, etag, checksums: {} }))
    const unclaimed = {
      objectBytes: undefined,
      checksum: undefined,
      checksumType: undefined,
      demandsPartChecksums: false,
    }
    const completion = { bucket: this.#bucket, upload: this.#ref(upload), claims: { parts, ...unclaimed } }
    return await completeUpload(services, { ...completion, conditions, ifMatchOnMissing, teller: new Teller(services) })
  }

  async abort(services: Services, upload: UploadAt): Promise<unknown> {
    return await abortUpload(services, this.#ref(upload))
  }

  #write(services: Services, key: string) {
    const given = {
      key,
      caller,
      attributes,
      conditions,
      ifMatchOnMissing,
      storageClass: undefined,
      encryption: PLAIN,
    } as const
    return { ...given, bucket: this.#bucket, teller: new Teller(services), kind: 'created:put' as const }
  }

  #ref({ key, uploadId }: UploadAt) {
    return { key, uploadId, bucketId: this.#bucket.id }
  }
}

export interface UploadAt {
  readonly key: string
  readonly uploadId: string
}

export type Act = (services: Services) => Promise<unknown>

export interface Scenario {
  readonly name: string
  readonly versioning?: Versioning
  /** Parts and uploads: nobody hears of them. */
  readonly isUntold?: true
  /** Puts the bucket into its state of before, and returns what is to fail. */
  arrange(services: Services, requests: Requests): Promise<Act>
}

const KEY = 'key'

async function startUpload(services: Services, requests: Requests): Promise<UploadAt> {
  const upload = { key: KEY, uploadId: await requests.createUpload(services, KEY) }
  await requests.part(services, upload, { number: 1, bytes: FILE })
  await requests.part(services, upload, { number: 2, bytes: INLINE })
  return upload
}

/** Every write that the protocol of bytes and rows serves, on a fresh key and on one that has something to lose. */
export const SCENARIOS: readonly Scenario[] = [
  ...(['off', 'enabled', 'suspended'] as const).flatMap((versioning) =>
    [INLINE, FILE].map(
      (bytes): Scenario => ({
        name: `overwriting with ${bytes.length} bytes, versioning ${versioning}`,
        versioning,
        async arrange(services, requests) {
          await requests.put(services, KEY, Buffer.alloc(bytes.length, 'old '))
          return (at) => requests.put(at, KEY, bytes)
        },
      }),
    ),
  ),
  {
    name: 'putting a new object',
    arrange: async (_services, requests) => (at) => requests.put(at, KEY, FILE),
  },
  {
    name: 'appending to a file',
    async arrange(services, requests) {
      await requests.append(services, KEY, { at: 0, bytes: FILE })
      return (at) => requests.append(at, KEY, { at: FILE.length, bytes: FILE })
    },
  },
  {
    name: 'appending to an object whose bytes a copy shares',
    async arrange(services, requests) {
      await requests.append(services, KEY, { at: 0, bytes: INLINE })
      await requests.copy(services, KEY, 'copy')
      return (at) => requests.append(at, KEY, { at: INLINE.length, bytes: INLINE })
    },
  },
  {
    name: 'copying over an object',
    async arrange(services, requests) {
      await requests.put(services, 'source', FILE)
      await requests.put(services, KEY, INLINE)
      return (at) => requests.copy(at, 'source', KEY)
    },
  },
  ...[INLINE, FILE].map(
    (bytes): Scenario => ({
      name: `moving ${bytes.length} bytes into the folder of another class`,
      async arrange(services, requests) {
        await requests.put(services, KEY, bytes)
        return (at) => requests.moveTo(at, KEY, 'GLACIER')
      },
    }),
  ),
  {
    name: 'copying over an object into the folder of another class',
    async arrange(services, requests) {
      await requests.put(services, 'source', FILE)
      await requests.put(services, KEY, INLINE)
      return (at) => requests.copyInto(at, 'source', { key: KEY, storageClass: 'GLACIER' })
    },
  },
  {
    name: 'copying a range into the folder of another class',
    isUntold: true,
    async arrange(services, requests) {
      await requests.put(services, 'source', FILE)
      const upload = { key: KEY, uploadId: await requests.createUpload(services, KEY, 'GLACIER') }
      return (at) => requests.copyPart(at, upload, { number: 2, from: 'source' })
    },
  },
  ...(['off', 'enabled'] as const).map(
    (versioning): Scenario => ({
      name: `deleting, versioning ${versioning}`,
      versioning,
      async arrange(services, requests) {
        await requests.put(services, KEY, FILE)
        return (at) => requests.remove(at, KEY)
      },
    }),
  ),
  {
    name: 'replacing a part',
    isUntold: true,
    async arrange(services, requests) {
      const upload = await startUpload(services, requests)
      return (at) => requests.part(at, upload, { number: 1, bytes: Buffer.alloc(FILE.length, 'new ') })
    },
  },
  {
    name: 'copying a range over a part',
    isUntold: true,
    async arrange(services, requests) {
      await requests.put(services, 'source', FILE)
      const upload = await startUpload(services, requests)
      return (at) => requests.copyPart(at, upload, { number: 2, from: 'source' })
    },
  },
  {
    name: 'completing an upload over an object',
    async arrange(services, requests) {
      await requests.put(services, KEY, INLINE)
      const upload = await startUpload(services, requests)
      return (at) => requests.complete(at, upload)
    },
  },
  {
    name: 'aborting an upload',
    isUntold: true,
    async arrange(services, requests) {
      const upload = await startUpload(services, requests)
      return (at) => requests.abort(at, upload)
    },
  },
]
