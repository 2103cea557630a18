import { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'
import type { BucketRef, BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import { assertExpectedOwner } from '../access/authorize.ts'
import type { GivenAttributes } from '../access/settle.ts'
import { assertLockable } from '../locks/guard.ts'
import { type Conditions, evaluate } from '../objects/conditions.ts'
import { type Copying, copiedAttributes } from '../objects/copy.ts'
import { type PutRequest, putObject } from '../objects/put.ts'
import type { Services } from '../services.ts'
import { openRendering, type Rendering } from './cache.ts'
import { locatePictures, type PictureRequest } from './locate.ts'
import { processPicture } from './process.ts'

/** A picture that is to be processed. */
export interface PictureSource {
  /** Those of the version that is found, which have to hold. */
  readonly conditions: Conditions
  /** The owner that the client expects the source's bucket to have, if any. */
  readonly expectedOwner: string | undefined
  readonly bucket: BucketRef
  /** What is asked for of it, once its bucket is known. */
  request(bucket: BucketRow): PictureRequest
  /** What is answered where there is none, or where a delete marker hides it: its codes are the dialect's. */
  absent(isMarker: boolean): Error
}

export interface PictureWrite extends Omit<PutRequest, 'body' | 'kind'>, Copying {
  readonly picture: PictureSource
}

/**
 * Stores what a directive makes of a picture as an object of its own, with the source's metadata and tags, unless the
 * request says otherwise, and the type of what has become of it.
 * @throws S3Error NoSuchBucket, those of `absent`, PreconditionFailed, those of locatePictures, processPicture and
 *   putObject
 */
export async function storePicture(services: Services, write: PictureWrite, signal: AbortSignal): Promise<VersionRow> {
  // Before anything is processed: it spares what cannot be stored.
  assertLockable(write.bucket, write.attributes, services.clock.now())
  const { source, rendering } = await processSource(services, write.picture, signal)
  const range = { offsetBytes: 0, lengthBytes: rendering.sizeBytes }
  const opened = await openRendering(services, { rendering, range }, signal)
  const stream = Buffer.isBuffer(opened) ? Readable.from([opened], { objectMode: false }) : opened
  try {
    const body = { stream, sizeBytes: rendering.sizeBytes, trailers: () => NO_TRAILERS }
    const attributes = attributesOf(source, { write, rendering })
    return await putObject(services, { ...write, attributes, body, kind: 'created:put' }, signal)
  } finally {
    stream.destroy()
  }
}

const NO_TRAILERS: ReadonlyMap<string, string> = new Map()

async function processSource(
  services: Services,
  picture: PictureSource,
  signal: AbortSignal,
): Promise<{ source: VersionRow; rendering: Rendering }> {
  const bucket = await services.metadata.read((tx) => tx.buckets.find(picture.bucket))
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: picture.bucket.name })
  assertExpectedOwner(picture.expectedOwner, bucket)
  const request = picture.request(bucket)
  const pictures = await locatePictures(services, request)
  if (pictures.kind === 'absent') throw picture.absent(pictures.marker !== undefined)
  const { source } = pictures
  if (evaluate(picture.conditions, source) !== 'proceed') throw s3Error('PreconditionFailed')
  return { source, rendering: await processPicture(services, { request, pictures, as: 'copy-source' }, signal) }
}

/** As those of a copy, but for what described the source's bytes. */
function attributesOf(
  source: VersionRow,
  { write, rendering }: { write: PictureWrite; rendering: Rendering },
): GivenAttributes {
  const { contentEncoding: _ofTheSource, ...attributes } = copiedAttributes(source, write)
  return { ...attributes, contentType: rendering.contentType, acl: write.attributes.acl }
}
