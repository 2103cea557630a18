import type { ListPage } from '../domain/listing/list.ts'
import { listUploads } from '../domain/multipart/list-uploads.ts'
import { listMultipartUploadsDocument } from '../s3/documents/list-multipart-uploads.ts'
import { type ListingQuery, readListingQuery } from '../s3/documents/listing.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { readPageSize } from '../s3/headers/multipart.ts'
import type { UploadRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly query: ListingQuery
  readonly keyMarker: string
  readonly uploadIdMarker: string
  readonly maxUploads: number
}

interface Output extends Input {
  readonly page: ListPage<UploadRow>
}

export const ListMultipartUploads: Operation<Input, Output> = {
  name: 'ListMultipartUploads',
  needs: (head) => [onBucket(head, 's3:ListBucketMultipartUploads')],
  payload: 'none',
  read({ head, dialect }) {
    const keyMarker = head.query.get('key-marker') ?? ''
    return {
      query: readListingQuery(head, dialect),
      keyMarker,
      // S3 ignores an upload id without the key that it belongs to.
      uploadIdMarker: keyMarker === '' ? '' : (head.query.get('upload-id-marker') ?? ''),
      maxUploads: readPageSize(head, 'max-uploads'),
    }
  },
  async run(context, { query, ...input }) {
    const { prefix, delimiter } = query
    const bucketId = context.bucket().id
    const page = await listUploads(context.services, { ...input, prefix, delimiter, bucketId })
    return { ...input, query, page }
  },
  write(output, { dialect, services, bucket }) {
    const style = { encoding: output.query.encoding, dialect, accounts: services.accounts }
    return { body: listMultipartUploadsDocument({ ...output, bucket: bucket().name }, style) }
  },
}
