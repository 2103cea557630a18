import type { Readable } from 'node:stream'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { Conditions } from '../objects/conditions.ts'
import { type Found, isWanted } from '../objects/read.ts'
import { type Selection, selectOfOne } from '../objects/select.ts'
import type { Services } from '../services.ts'
import { openRendering, type Rendering } from './cache.ts'
import { locatePictures, type PictureRequest, type Pictures } from './locate.ts'
import { processPicture } from './process.ts'

export interface PictureRead extends PictureRequest {
  /** Held against the result's ETag and the source's date. */
  readonly conditions: Conditions
  /** Of the result's bytes. */
  readonly selection: Selection
}

export interface FoundPicture {
  /** As if the result were the object. */
  readonly found: Found
  /** Undefined where it is not wanted, or not there. */
  readonly rendering: Rendering | undefined
}

/**
 * The result of a directive as a read finds it.
 * @throws S3Error PreconditionFailed, InvalidRange, InvalidPartNumber, those of locatePictures and processPicture
 */
export async function findPicture(
  services: Services,
  request: PictureRead,
  { signal }: { readonly signal: AbortSignal },
): Promise<FoundPicture> {
  const { conditions, selection } = request
  const pictures = await locatePictures(services, request)
  if (pictures.kind === 'absent') return { found: pictures, rendering: undefined }
  const { source } = pictures
  if (!isWantedByDate(conditions, source)) return unwanted(source)
  const rendering = await processPicture(services, { request, pictures, as: 'object' }, signal)
  const version = asRendered(pictures, rendering)
  if (!isWanted(conditions, version)) return unwanted(version)
  return { found: { kind: 'object', version, selected: selectOfOne(selection, rendering.sizeBytes) }, rendering }
}

/** The same with the selected bytes, as openObject has them. */
export async function openPicture(
  services: Services,
  request: PictureRead,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ found: Found; body: Buffer | Readable | undefined }> {
  const { found, rendering } = await findPicture(services, request, { signal })
  if (rendering === undefined || found.kind !== 'object') return { found, body: undefined }
  const { range } = found.selected
  return { found, body: await openRendering(services, { rendering, range }, signal) }
}

function unwanted(version: VersionRow): FoundPicture {
  return { found: { kind: 'not-modified', version }, rendering: undefined }
}

/** Where the date alone decides, the answer is known before anything has been processed. */
function isWantedByDate(conditions: Conditions, { lastModifiedMs }: VersionRow): boolean {
  const { ifMatch, ifNoneMatch } = conditions
  return (ifMatch ?? ifNoneMatch) !== undefined || isWanted(conditions, { etag: '', lastModifiedMs })
}

/** The source's row with what is the result's own; what describes the source's bytes is left out. */
function asRendered({ source }: Pictures, { etag, sizeBytes, contentType }: Rendering): VersionRow {
  const { contentEncoding: _ofTheSource, ...attributes } = source.attributes
  return {
    ...source,
    etag,
    sizeBytes,
    checksum: undefined,
    partCount: 0,
    appends: 0,
    attributes: { ...attributes, contentType },
  }
}
