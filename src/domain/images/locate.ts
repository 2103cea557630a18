import { s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { assertKeyFits, type KeyOffer } from '../encryption/key-check.ts'
import type { Services } from '../services.ts'
import { type GrantCheck, locate, type VersionRef } from '../versions/locate.ts'
import type { Directive } from './directive.ts'
import { overlayKeys } from './plan.ts'

export interface PictureRequest {
  readonly source: VersionRef
  /** The key that the pictures may have been encrypted with. */
  readonly offer: KeyOffer
  readonly directive: Directive
  /**
   * Asked about the objects of the source's bucket that are laid on the picture, where there are any: what is returned
   * is asked about the versions that are found then.
   * @throws S3Error AccessDenied
   */
  grantOverlays(keys: readonly string[]): Promise<GrantCheck>
}

/** The objects that a directive is about. */
export interface Pictures {
  readonly kind: 'pictures'
  readonly source: VersionRow
  /** What is laid on it, by key. */
  readonly overlays: ReadonlyMap<string, VersionRow>
}

/** A delete marker is `absent` with its row. */
export type Located = Pictures | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }

/**
 * Finds the pictures; no bytes are touched.
 * @throws S3Error AccessDenied; NoSuchKey for a watermark's picture; those of assertKeyFits
 */
export async function locatePictures(services: Services, request: PictureRequest): Promise<Located> {
  const { source: ref, offer, directive } = request
  const keys = overlayKeys(directive)
  const assertGranted = keys.length === 0 ? undefined : await request.grantOverlays(keys)
  return await services.metadata.read(async (tx) => {
    const source = await locate(tx, ref)
    if (source === undefined || source.kind === 'delete-marker') return { kind: 'absent', marker: source }
    assertKeyFits(source.attributes.encryption, offer)
    const overlays = new Map<string, VersionRow>()
    for (const key of keys) {
      const overlay = { bucketId: ref.bucketId, key, versionId: undefined, assertGranted }
      overlays.set(key, await locateOverlay(tx, overlay, offer))
    }
    return { kind: 'pictures', source, overlays }
  })
}

async function locateOverlay(tx: ReadTransaction, ref: VersionRef, { key, rules }: KeyOffer): Promise<VersionRow> {
  const version = await locate(tx, ref)
  if (version?.kind !== 'object') {
    throw s3Error('NoSuchKey', { Key: ref.key }, { message: `The watermark image ${ref.key} does not exist.` })
  }
  const { encryption } = version.attributes
  // A key that the request brings is for the source first: where this picture needs none, it is not refused.
  if (encryption?.algorithm === 'customer') assertKeyFits(encryption, { key, rules })
  return version
}
