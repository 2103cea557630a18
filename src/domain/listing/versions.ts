import type { ListedVersion } from '../../storage/metadata/rows.ts'
import type { KeyPosition, ReadTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { type ListPage, type ListSource, listPage, seekForMarker } from './list.ts'

export interface VersionsQuery {
  readonly bucketId: number
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
  /** See WithAttributes. */
  readonly withAttributes?: boolean
  /** Undefined or empty: at the beginning. */
  readonly keyMarker: string | undefined
  /** Resumes behind this version of `keyMarker`; undefined: behind all of them. */
  readonly versionIdMarker: string | undefined
}

interface VersionStart {
  readonly from: KeyPosition | undefined
  readonly olderThanId: number | undefined
}

const AT_THE_BEGINNING: VersionStart = { from: undefined, olderThanId: undefined }

/** One page of all versions and delete markers of a bucket: keys ascending, newest first within a key. */
export async function listVersions(services: Services, query: VersionsQuery): Promise<ListPage<ListedVersion>> {
  const { bucketId, prefix, withAttributes = false } = query
  return services.metadata.read(async (tx) => {
    const start = await startOf(tx, query)
    if (start === 'end') return { items: [], commonPrefixes: [], isTruncated: false, last: undefined }
    const source: ListSource<ListedVersion, VersionStart> = {
      fetch: ({ from, olderThanId }, limit) =>
        tx.versions.listAll({ bucketId, prefix, from, olderThanId, limit, withAttributes }),
      after: ({ key, id }) => ({ from: { key, inclusive: true }, olderThanId: id }),
      at: (key) => ({ from: { key, inclusive: true }, olderThanId: undefined }),
    }
    return listPage(source, { ...query, start })
  })
}

/**
 * A version marker that is gone resumes at the newest version of its key. Whoever deletes page by page (every "empty
 * this bucket" tool does) removes the marker before asking for the next page; what is left of the key is then exactly
 * what it has not seen yet.
 */
async function startOf(tx: ReadTransaction, query: VersionsQuery): Promise<VersionStart | 'end'> {
  const { bucketId, keyMarker: key, versionIdMarker: versionId } = query
  if (key === undefined || key === '') return AT_THE_BEGINNING
  const seek = seekForMarker(key, query)
  if (seek === 'end') return 'end'
  if (seek !== 'not-within') return { from: { key: seek.key, inclusive: true }, olderThanId: undefined }
  if (versionId === undefined) return { from: { key, inclusive: false }, olderThanId: undefined }
  const marker = await tx.versions.find({ bucketId, key, versionId })
  return { from: { key, inclusive: true }, olderThanId: marker?.id }
}
