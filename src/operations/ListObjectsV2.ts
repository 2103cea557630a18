import { listObjects } from '../domain/listing/current.ts'
import type { ListPage } from '../domain/listing/list.ts'
import { decodeToken } from '../s3/documents/continuation-token.ts'
import { listObjectsV2Document } from '../s3/documents/list-objects.ts'
import { type ListingQuery, readListingQuery } from '../s3/documents/listing.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { asksForRestoreStatus } from '../s3/headers/restore.ts'
import type { ListedVersion } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly query: ListingQuery
  readonly startAfter: string | undefined
  readonly continuationToken: string | undefined
  readonly fetchOwner: boolean
  /** The key that the page begins behind. */
  readonly after: string | undefined
}

interface Output extends Input {
  readonly page: ListPage<ListedVersion>
}

export const ListObjectsV2: Operation<Input, Output> = {
  name: 'ListObjectsV2',
  needs: (head) => [onBucket(head, 's3:ListBucket')],
  payload: 'none',
  read({ head, dialect }) {
    const given = head.query.get('continuation-token')
    const continuationToken = given === '' && dialect.ignoresEmptyToken ? undefined : given
    const startAfter = head.query.get('start-after')
    // The token decides over start-after. RGW's is the plain key, and an empty one the beginning (recorded:
    // list.v2.token_empty).
    const token =
      dialect.rgwExtensions || continuationToken === undefined ? continuationToken : decodeToken(continuationToken)
    return {
      query: readListingQuery(head, dialect),
      startAfter,
      continuationToken,
      fetchOwner: head.query.get('fetch-owner')?.toLowerCase() === 'true',
      after: token ?? startAfter,
    }
  },
  async run(context, input) {
    const page = await listObjects(context.services, {
      bucketId: context.bucket().id,
      withAttributes: asksForRestoreStatus(context.head),
      ...input.query,
      after: input.after,
    })
    return { ...input, page }
  },
  write(output, { dialect, services, bucket }) {
    const style = { encoding: output.query.encoding, dialect, accounts: services.accounts, nowMs: services.clock.now() }
    return { body: listObjectsV2Document({ ...output, bucket: bucket() }, style) }
  },
}
