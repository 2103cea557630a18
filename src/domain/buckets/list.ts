import type { ListedBucket } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'

/** Rows fetched at a time where the client set no limit. */
const BATCH_ROWS = 1000

export interface BucketsQuery {
  readonly ownerId: string
  readonly prefix: string
  /** The page begins behind this name. */
  readonly after: string | undefined
  /** Undefined: all of them, as S3 answers a request without max-buckets. */
  readonly maxBuckets: number | undefined
}

export interface BucketsPage {
  readonly buckets: readonly ListedBucket[]
  readonly isTruncated: boolean
}

/** The buckets that an account owns, in the order of their names, from one snapshot. */
export async function listBuckets(services: Services, query: BucketsQuery): Promise<BucketsPage> {
  const { ownerId, prefix, maxBuckets = Number.POSITIVE_INFINITY } = query
  return services.metadata.read(async (tx) => {
    const buckets: ListedBucket[] = []
    let after = query.after
    for (;;) {
      // One more than there is room for tells whether the page is truncated.
      const limit = Math.min(BATCH_ROWS, maxBuckets - buckets.length + 1)
      const batch = await tx.buckets.list({ ownerId, prefix, after, limit })
      buckets.push(...batch)
      if (buckets.length > maxBuckets) return { buckets: buckets.slice(0, maxBuckets), isTruncated: true }
      if (batch.length < limit) return { buckets, isTruncated: false }
      after = batch.at(-1)?.name
    }
  })
}
