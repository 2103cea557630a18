import { listParts, type PartsPage } from '../domain/multipart/list-parts.ts'
import { s3Error } from '../errors.ts'
import { listPartsDocument } from '../s3/documents/list-parts.ts'
import { person } from '../s3/documents/person.ts'
import { abortHeaders } from '../s3/headers/lifecycle.ts'
import { readPageSize, readPartNumberMarker, readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onKey } from '../s3/headers/permissions.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly uploadId: string
  readonly marker: number
  readonly maxParts: number
}

interface Output {
  readonly input: Input
  readonly page: PartsPage
}

export const ListParts: Operation<Input, Output> = {
  name: 'ListParts',
  needs: (head) => [onKey(head, 's3:ListMultipartUploadParts')],
  payload: 'none',
  read({ head }) {
    return {
      key: objectAddress(head).key,
      uploadId: readUploadId(head),
      marker: readPartNumberMarker(head),
      maxParts: readPageSize(head, 'max-parts'),
    }
  },
  async run(context, input) {
    const { key, uploadId, marker, maxParts } = input
    const ref = { key, uploadId, bucketId: context.bucket().id }
    const page = await listParts(context.services, ref, { afterPartNumber: marker, limit: maxParts })
    if (page === undefined) throw s3Error(context.dialect.missingUploadOfParts)
    return { input, page }
  },
  write({ input, page }, context) {
    const owner = person(context.services.accounts, page.upload.ownerId)
    const listing = { ...input, bucket: context.bucket().name, page, owner }
    const { dialect, services } = context
    const headers = abortHeaders(context.bucket(), page.upload, { dayMs: services.dayMs, dialect })
    return { headers, body: listPartsDocument(listing, dialect) }
  },
}
