import type { BucketsPage } from '../../domain/buckets/list.ts'
import { s3Error } from '../../errors.ts'
import type { ListedBucket } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { isoDate } from '../headers/names.ts'
import type { RequestHead } from '../request.ts'
import { buildDocument } from '../xml/build.ts'
import { decodeToken, encodeToken } from './continuation-token.ts'
import type { Person } from './person.ts'

/** S3's bound of max-buckets. */
export const MAX_BUCKETS_MAX = 10_000

export interface BucketsQuery {
  readonly prefix: string | undefined
  readonly after: string | undefined
  readonly maxBuckets: number | undefined
  /** Only buckets of this region. */
  readonly region: string | undefined
}

/**
 * AWS's paging of 2024. A dialect without it answers with all buckets: a client that pages sees one last page. `prefix`
 * and `bucket-region` hurt nobody there.
 * @throws S3Error InvalidArgument for a count out of range or a token that is not ours
 */
export function readBucketsQuery(head: RequestHead, dialect: Dialect): BucketsQuery {
  const { query } = head
  const pages = dialect.pagesBuckets
  const token = pages ? query.get('continuation-token') : undefined
  return {
    prefix: query.get('prefix'),
    after: token === undefined ? undefined : decodeToken(token),
    maxBuckets: pages ? readMaxBuckets(query.get('max-buckets')) : undefined,
    region: query.get('bucket-region'),
  }
}

function readMaxBuckets(given: string | undefined): number | undefined {
  if (given === undefined || given === '') return undefined
  const count = /^\d{1,5}$/.test(given) ? Number(given) : 0
  if (count >= 1 && count <= MAX_BUCKETS_MAX) return count
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'max-buckets', ArgumentValue: given },
    { message: `Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS_MAX}` },
  )
}

export interface BucketsListing {
  readonly owner: Person
  readonly page: BucketsPage
  readonly query: BucketsQuery
  /** What to print as BucketRegion; undefined where the dialect does not. */
  readonly region: ((bucket: ListedBucket) => string) | undefined
}

/**
 * ListAllMyBucketsResult: owner and buckets as RGW prints them; the paging elements stand behind, as in AWS's model.
 */
export function listBucketsDocument({ owner, page, query, region }: BucketsListing): string {
  const last = page.buckets.at(-1)
  return buildDocument('ListAllMyBucketsResult', {
    Owner: { ...owner },
    Buckets: {
      Bucket: page.buckets.map((bucket) => ({
        Name: bucket.name,
        CreationDate: isoDate(bucket.createdMs),
        BucketRegion: region?.(bucket),
      })),
    },
    ContinuationToken: page.isTruncated && last !== undefined ? encodeToken(last.name) : undefined,
    Prefix: query.prefix,
  })
}
