import type { ListPage } from '../domain/listing/list.ts'
import { listUploads } from '../domain/multipart/list-uploads.ts'
import { s3Error } from '../errors.ts'
import { listMultipartUploadsDocument } from '../s3/documents/list-multipart-uploads.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { readPageSize } from '../s3/headers/multipart.ts'
import { refuseUnserved } from '../s3/headers/refuse.ts'
import type { RequestHead } from '../s3/request.ts'
import type { UploadRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly prefix: string
  readonly delimiter: string
  readonly keyMarker: string
  readonly uploadIdMarker: string
  readonly maxUploads: number
  readonly urlEncoded: boolean
}

interface Output {
  readonly input: Input
  readonly page: ListPage<UploadRow>
}

export const ListMultipartUploads: Operation<Input, Output> = {
  name: 'ListMultipartUploads',
  needs: (head) => [onBucket(head, 's3:ListBucketMultipartUploads')],
  payload: 'none',
  read({ head }) {
    refuseUnserved(head)
    const { query } = head
    const keyMarker = query.get('key-marker') ?? ''
    return {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      keyMarker,
      // S3 ignores an upload id without the key that it belongs to.
      uploadIdMarker: keyMarker === '' ? '' : (query.get('upload-id-marker') ?? ''),
      maxUploads: readPageSize(head, 'max-uploads'),
      urlEncoded: readEncodingType(head) === 'url',
    }
  },
  async run(context, input) {
    return { input, page: await listUploads(context.services, { ...input, bucketId: context.bucket().id }) }
  },
  write({ input, page }, context) {
    const { accounts } = context.services
    const listing = { ...input, bucket: context.bucket().name, page, accounts }
    return { body: listMultipartUploadsDocument(listing, context.dialect) }
  },
}

/** @throws S3Error InvalidArgument for anything but `url` */
function readEncodingType(head: RequestHead): 'url' | undefined {
  const given = head.query.get('encoding-type') ?? ''
  if (given === '') return undefined
  if (given.toLowerCase() === 'url') return 'url'
  throw s3Error('InvalidArgument', { ArgumentName: 'encoding-type', ArgumentValue: given })
}
