import type { ListPage } from '../domain/listing/list.ts'
import { listVersions } from '../domain/listing/versions.ts'
import { s3Error } from '../errors.ts'
import type { Dialect } from '../s3/dialect.ts'
import { listVersionsDocument } from '../s3/documents/list-versions.ts'
import { type ListingQuery, readListingQuery } from '../s3/documents/listing.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { asksForRestoreStatus } from '../s3/headers/restore.ts'
import { assertVersionId } from '../s3/headers/version-id.ts'
import type { RequestHead } from '../s3/request.ts'
import type { ListedVersion } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly query: ListingQuery
  readonly keyMarker: string
  /** Empty: behind all versions of the marker's key. */
  readonly versionIdMarker: string
}

interface Output extends Input {
  readonly page: ListPage<ListedVersion>
}

export const ListObjectVersions: Operation<Input, Output> = {
  name: 'ListObjectVersions',
  needs: (head) => [onBucket(head, 's3:ListBucketVersions')],
  payload: 'none',
  read: ({ head, dialect }) => ({ query: readListingQuery(head, dialect), ...readMarkers(head, dialect) }),
  async run(context, input) {
    const { query, keyMarker, versionIdMarker } = input
    const page = await listVersions(context.services, {
      bucketId: context.bucket().id,
      withAttributes: asksForRestoreStatus(context.head),
      ...query,
      keyMarker,
      versionIdMarker: versionIdMarker === '' ? undefined : versionIdMarker,
    })
    return { ...input, page }
  },
  write(output, { dialect, services, bucket }) {
    const style = { encoding: output.query.encoding, dialect, accounts: services.accounts, nowMs: services.clock.now() }
    return { body: listVersionsDocument({ ...output, bucket: bucket() }, style) }
  },
}

/** The form of an id that this server made, of any dialect. */
const VERSION_ID = /^[\w.~-]{1,64}$/

/**
 * @throws S3Error InvalidArgument for a version marker without a key marker, as its key is unknown; to AWS also for an
 *   empty one and for one that no version can have
 */
function readMarkers({ query }: RequestHead, dialect: Dialect): Omit<Input, 'query'> {
  const keyMarker = query.get('key-marker') ?? ''
  const given = query.get('version-id-marker')
  const versionIdMarker = given ?? ''
  if (versionIdMarker !== '' && keyMarker === '') {
    throw invalidMarker(versionIdMarker, 'A version-id marker cannot be specified without a key marker.')
  }
  if (!dialect.rgwExtensions && given !== undefined) {
    if (given === '') throw invalidMarker(given, 'A version-id marker cannot be empty.')
    if (!VERSION_ID.test(given)) throw invalidMarker(given, 'Invalid version id specified')
    assertVersionId(given, { name: 'version-id-marker', dialect })
  }
  return { keyMarker, versionIdMarker }
}

function invalidMarker(value: string, message: string): Error {
  return s3Error('InvalidArgument', { ArgumentName: 'version-id-marker', ArgumentValue: value }, { message })
}
