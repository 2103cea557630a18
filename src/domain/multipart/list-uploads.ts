import type { UploadRow } from '../../storage/metadata/rows.ts'
import type { KeyPosition } from '../../storage/metadata/store.ts'
import { type ListPage, type ListSource, listPage, seekForMarker } from '../listing/list.ts'
import type { Services } from '../services.ts'

export interface UploadsQuery {
  readonly bucketId: number
  readonly prefix: string
  readonly delimiter: string
  readonly maxUploads: number
  /** The page begins behind this key; empty: at the beginning. */
  readonly keyMarker: string
  /** With a key marker: the page begins behind this upload of that key. Empty: behind all of the key's uploads. */
  readonly uploadIdMarker: string
}

/** A place among the uploads: those of one key are in the order of their initiation. */
interface UploadPosition {
  readonly from: KeyPosition | undefined
  readonly afterUploadId: string | undefined
}

/**
 * One page of the open uploads of a bucket, as one snapshot. A page that may hold nothing is truncated if there is
 * something to list, as RGW says it.
 */
export async function listUploads(services: Services, query: UploadsQuery): Promise<ListPage<UploadRow>> {
  const start = startOf(query)
  if (start === 'end') return { items: [], commonPrefixes: [], isTruncated: false, last: undefined }
  const { bucketId, prefix } = query
  return services.metadata.read(async (tx) => {
    const source: ListSource<UploadRow, UploadPosition> = {
      fetch: (position, limit) => tx.uploads.list({ bucketId, prefix, limit, ...position }),
      after: ({ key, uploadId }) => ({ from: { key, inclusive: true }, afterUploadId: uploadId }),
      at: (key) => ({ from: { key, inclusive: true }, afterUploadId: undefined }),
    }
    const page = await listPage(source, { ...query, maxKeys: query.maxUploads, start })
    if (query.maxUploads > 0) return page
    return { ...page, isTruncated: (await source.fetch(start, 1)).length > 0 }
  })
}

function startOf(query: UploadsQuery): UploadPosition | 'end' {
  const { keyMarker, uploadIdMarker } = query
  if (keyMarker === '') return { from: undefined, afterUploadId: undefined }
  const seek = seekForMarker(keyMarker, query)
  if (seek === 'end') return 'end'
  if (seek !== 'not-within') return { from: { key: seek.key, inclusive: true }, afterUploadId: undefined }
  if (uploadIdMarker === '') return { from: { key: keyMarker, inclusive: false }, afterUploadId: undefined }
  return { from: { key: keyMarker, inclusive: true }, afterUploadId: uploadIdMarker }
}
