import type { ListedVersion } from '../../storage/metadata/rows.ts'
import type { KeyPosition } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { type ListPage, type ListSource, listPage, seekForMarker } from './list.ts'

export interface ObjectsQuery {
  readonly bucketId: number
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
  /** See WithAttributes. */
  readonly withAttributes?: boolean
  /** The page begins behind this key (or common prefix); undefined or empty: at the beginning. */
  readonly after: string | undefined
}

/** One page of the objects of a bucket: keys whose newest version is not a delete marker. All of it is one snapshot. */
export async function listObjects(services: Services, query: ObjectsQuery): Promise<ListPage<ListedVersion>> {
  const start = startOf(query)
  if (start === 'end') return { items: [], commonPrefixes: [], isTruncated: false, last: undefined }
  const { bucketId, prefix, withAttributes = false } = query
  return services.metadata.read(async (tx) => {
    const source: ListSource<ListedVersion, KeyPosition | undefined> = {
      fetch: (from, limit) => tx.versions.listCurrent({ bucketId, prefix, from, limit, withAttributes }),
      after: ({ key }) => ({ key, inclusive: false }),
      at: (key) => ({ key, inclusive: true }),
    }
    return listPage(source, { ...query, start: start.from })
  })
}

function startOf(query: ObjectsQuery): { from: KeyPosition | undefined } | 'end' {
  if (query.after === undefined || query.after === '') return { from: undefined }
  const seek = seekForMarker(query.after, query)
  if (seek === 'end') return 'end'
  if (seek === 'not-within') return { from: { key: query.after, inclusive: false } }
  return { from: { key: seek.key, inclusive: true } }
}
