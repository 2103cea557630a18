import { versioningDocument } from '../s3/documents/versioning.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Versioning } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

export const GetBucketVersioning: Operation<undefined, Versioning> = {
  name: 'GetBucketVersioning',
  needs: (head) => [onBucket(head, 's3:GetBucketVersioning')],
  payload: 'none',
  read: () => undefined,
  run: async (context) => context.bucket().versioning,
  write: (versioning, { dialect }) => ({ body: versioningDocument(versioning, dialect) }),
}
