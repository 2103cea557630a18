import { callerId } from '../domain/accounts.ts'
import { type BucketsPage, listBuckets } from '../domain/buckets/list.ts'
import { shownLocation } from '../domain/buckets/location.ts'
import { s3Error } from '../errors.ts'
import { type BucketsQuery, listBucketsDocument, readBucketsQuery } from '../s3/documents/list-buckets.ts'
import { person } from '../s3/documents/person.ts'
import type { ListedBucket } from '../storage/metadata/rows.ts'
import type { Context, Operation } from './operation.ts'

interface Output {
  readonly query: BucketsQuery
  readonly page: BucketsPage
}

const NOTHING: BucketsPage = { buckets: [], isTruncated: false }

/** The caller's own buckets. RGW tells an anonymous caller that it has none (recorded), AWS refuses it. */
export const ListBuckets: Operation<BucketsQuery, Output> = {
  name: 'ListBuckets',
  needs: () => [{ action: 's3:ListAllMyBuckets' }],
  payload: 'none',
  read: ({ head, dialect }) => readBucketsQuery(head, dialect),
  async run({ services, caller, dialect }, query) {
    if (caller.kind === 'anonymous') {
      if (!dialect.rgwExtensions) throw s3Error('AccessDenied')
      return { query, page: NOTHING }
    }
    if (query.region !== undefined && query.region !== services.region) return { query, page: NOTHING }
    const { prefix = '', after, maxBuckets } = query
    const page = await listBuckets(services, { ownerId: caller.account.id, prefix, after, maxBuckets })
    return { query, page }
  },
  write({ query, page }, context) {
    const owner = person(context.services.accounts, callerId(context.caller))
    return { body: listBucketsDocument({ owner, page, query, region: regionOf(context) }) }
  },
}

/** AWS prints each bucket's region; RGW's document has no such element. */
function regionOf({ dialect, services }: Context): ((bucket: ListedBucket) => string) | undefined {
  if (dialect.rgwExtensions) return undefined
  const rule = dialect.locations
  return (bucket) => shownLocation(bucket.location, { region: services.region, rule }) || services.region
}
