import { listObjects } from '../domain/listing/current.ts'
import type { ListPage } from '../domain/listing/list.ts'
import { listObjectsDocument } from '../s3/documents/list-objects.ts'
import { type ListingQuery, readListingQuery } from '../s3/documents/listing.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { asksForRestoreStatus } from '../s3/headers/restore.ts'
import type { ListedVersion } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly query: ListingQuery
  readonly marker: string
}

interface Output extends Input {
  readonly page: ListPage<ListedVersion>
}

export const ListObjects: Operation<Input, Output> = {
  name: 'ListObjects',
  needs: (head) => [onBucket(head, 's3:ListBucket')],
  payload: 'none',
  read: ({ head, dialect }) => ({ query: readListingQuery(head, dialect), marker: head.query.get('marker') ?? '' }),
  async run(context, input) {
    const page = await listObjects(context.services, {
      bucketId: context.bucket().id,
      withAttributes: asksForRestoreStatus(context.head),
      ...input.query,
      after: input.marker,
    })
    return { ...input, page }
  },
  write({ query, marker, page }, { dialect, services, bucket }) {
    const style = { encoding: query.encoding, dialect, accounts: services.accounts, nowMs: services.clock.now() }
    return { body: listObjectsDocument({ bucket: bucket(), page, query, marker }, style) }
  },
}
