import { hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ResolvedRange } from '../../src/domain/bytes/range.ts'
import {
  openRendering,
  type Rendered,
  type Rendering,
  type RenderingMaker,
  renderOnce,
} from '../../src/domain/images/cache.ts'
import type { Directive } from '../../src/domain/images/directive.ts'
import type { RenderingRequest } from '../../src/domain/images/rendering-ref.ts'
import type { ObjectAttributes, VersionRow } from '../../src/storage/metadata/rows.ts'
import { newBucket, newVersion } from './rows.ts'
import type { TestServices } from './services.ts'

const { signal } = new AbortController()
const BYTES = Buffer.from('a picture')
const BUCKET = 'pictures'
const PLAIN: ObjectAttributes = { contentType: 'image/png', metadata: {}, tags: [], acl: 'private' }

/** Of a picture whose bytes are not stored as they came. */
export const ENCRYPTED: ObjectAttributes = { ...PLAIN, encryption: { algorithm: 'AES256' } }

type CacheServices = Parameters<typeof renderOnce>[0]

/** Makes the same result of every picture, and counts how often. */
export class FakeRenderer {
  rendered = 0
  readonly maker: RenderingMaker & { readonly render: () => Promise<Rendered> }

  constructor(bytes: Buffer) {
    const render = async () => {
      this.rendered += 1
      return { bytes, contentType: 'image/png' }
    }
    this.maker = { render, signal }
  }

  /** Whether the result was there. */
  async ask(services: CacheServices, request: RenderingRequest): Promise<'hit' | 'miss'> {
    const before = this.rendered
    await renderOnce(services, request, this.maker)
    return this.rendered === before ? 'hit' : 'miss'
  }
}

/** A picture in a bucket of pictures. */
export async function putPicture(
  services: Pick<TestServices, 'metadata'>,
  key: string,
  attributes = PLAIN,
): Promise<VersionRow> {
  return await services.metadata.write(async (tx) => {
    const found = await tx.buckets.find({ tenant: '', name: BUCKET })
    const bucket = found ?? (await tx.buckets.insert(newBucket(BUCKET)))
    const manifestId = await tx.manifests.create([{ place: 'inline', bytes: BYTES }])
    return await tx.versions.insert(newVersion(bucket.id, key, { manifestId, sizeBytes: BYTES.length, attributes }))
  })
}

/** One directive for each number. */
export function resized(width: number): Directive {
  return [{ operator: 'indexcrop', axis: 'x', length: width, index: 0 }]
}

export function requestOf(source: VersionRow, width = 1, overlays: readonly VersionRow[] = []): RenderingRequest {
  return { source, overlays, directive: resized(width) }
}

export function md5(bytes: Buffer): string {
  return hash('md5', bytes)
}

export async function read(body: Buffer | Readable): Promise<Buffer> {
  return Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
}

/** All of a result, or a range. */
export async function bytesOf(
  services: CacheServices,
  rendering: Rendering,
  range: ResolvedRange = { offsetBytes: 0, lengthBytes: rendering.sizeBytes },
): Promise<Buffer> {
  return await read(await openRendering(services, { rendering, range }, signal))
}
