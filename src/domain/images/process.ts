import { s3Error } from '../../errors.ts'
import type { PictureFormat } from '../../renderer/plan.ts'
import { type OpenedPicture, RenderersBusy, RenderFailed, type RenderSession } from '../../renderer/renderer.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import { lendManifest } from '../bytes/open.ts'
import type { Services } from '../services.ts'
import { assertReadable } from '../storage-classes/archive.ts'
import { ANSWER_TYPE, hueDocument, infoDocument } from './answers.ts'
import { type Rendered, type Rendering, renderOnce } from './cache.ts'
import { HELD_BYTES_MAX } from './held.ts'
import { SOURCE_BYTES_MAX } from './limits.ts'
import type { PictureRequest, Pictures } from './locate.ts'
import { planPicture, questionIn } from './plan.ts'

/** What the bytes of a result are. */
const CONTENT_TYPES: Readonly<Record<PictureFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  bmp: 'image/bmp',
  tiff: 'image/tiff',
  gif: 'image/gif',
}

export interface Processing {
  readonly request: PictureRequest
  /** What has been found for it. */
  readonly pictures: Pictures
  /** In which words an archived source is refused. */
  readonly as: 'object' | 'copy-source'
}

/**
 * What the directive makes of the pictures: kept from before, or made now. Nothing is read of them before there is a
 * place to process them.
 * @throws S3Error InvalidObjectState (archived); InvalidArgument: the picture is too large, is none, or cannot be made
 *   into that; SlowDown when too many wait already, or too much has not been fetched; of a KMS key that cannot be used.
 *   The signal's reason.
 */
export async function processPicture(
  services: Services,
  processing: Processing,
  signal: AbortSignal,
): Promise<Rendering> {
  const { request, pictures } = processing
  const overlays = [...pictures.overlays.values()]
  assertProcessable(services, processing)
  // It may have to wait for its turn: until then nothing may take the bytes away.
  const unpin = pin(services, [pictures.source, ...overlays])
  try {
    const rendering = { source: pictures.source, overlays, directive: request.directive }
    return await renderOnce(services, rendering, { render: (shared) => render(services, processing, shared), signal })
  } finally {
    unpin()
  }
}

function assertProcessable({ clock }: Services, { pictures, as }: Processing): void {
  const nowMs = clock.now()
  assertReadable(pictures.source, { nowMs, as })
  assertSize(pictures.source, 'The picture')
  for (const overlay of pictures.overlays.values()) {
    assertReadable(overlay, { nowMs })
    assertSize(overlay, watermarkNamed(overlay.key))
  }
}

function assertSize({ sizeBytes }: VersionRow, what: string): void {
  if (sizeBytes <= SOURCE_BYTES_MAX) return
  throw unprocessable(`${what} has ${sizeBytes} bytes; at most ${SOURCE_BYTES_MAX} can be processed.`)
}

function pin({ pins }: Services, versions: readonly VersionRow[]): () => void {
  const unpins = versions.flatMap(({ manifestId }) => (manifestId === undefined ? [] : [pins.pin(manifestId)]))
  return () => {
    for (const unpin of unpins) unpin()
  }
}

interface Work extends Processing {
  readonly services: Services
  readonly session: RenderSession
  readonly signal: AbortSignal
}

async function render(services: Services, processing: Processing, signal: AbortSignal): Promise<Rendered> {
  if (services.renderings.held.bytes >= HELD_BYTES_MAX) throw s3Error('SlowDown')
  try {
    return await services.renderer.session(
      (session) => renderWithin({ ...processing, services, session, signal }),
      signal,
    )
  } catch (cause) {
    if (cause instanceof RenderFailed) throw unprocessable(cause.message, cause)
    if (cause instanceof RenderersBusy) throw s3Error('SlowDown')
    throw cause
  }
}

async function renderWithin(work: Work): Promise<Rendered> {
  const { session, request, pictures } = work
  const picture = await open(pictures.source, work)
  switch (questionIn(request.directive)) {
    case 'info':
      return { bytes: infoDocument(picture), contentType: ANSWER_TYPE }
    case 'average-hue':
      return { bytes: hueDocument(await session.averageHue(picture.number)), contentType: ANSWER_TYPE }
    case undefined: {
      const plan = planPicture(request.directive, picture, await openOverlays(work))
      const { bytes, format } = await session.render(plan)
      return { bytes, contentType: CONTENT_TYPES[format] }
    }
  }
}

async function openOverlays(work: Work): Promise<ReadonlyMap<string, OpenedPicture>> {
  const opened = new Map<string, OpenedPicture>()
  for (const [key, version] of work.pictures.overlays) {
    try {
      opened.set(key, await open(version, work))
    } catch (cause) {
      if (!(cause instanceof RenderFailed)) throw cause
      throw unprocessable(`${watermarkNamed(key)} cannot be used: ${cause.message}`, cause)
    }
  }
  return opened
}

async function open(
  { manifestId, sizeBytes, attributes }: VersionRow,
  { services, session, request, signal }: Work,
): Promise<OpenedPicture> {
  const key = attributes.encryption?.algorithm === 'customer' ? request.offer.key : undefined
  const range = { offsetBytes: 0, lengthBytes: sizeBytes }
  return await session.open({ sizeBytes, pieces: lendManifest(services, { manifestId, range, key }, signal) })
}

function watermarkNamed(key: string): string {
  return `The watermark image ${key}`
}

function unprocessable(message: string, cause?: unknown): Error {
  return s3Error('InvalidArgument', { ArgumentName: 'x-zos-process' }, { message, cause })
}
