import { changeSetting } from '../domain/buckets/settings.ts'
import { CORS_BYTES_MAX, readCors } from '../s3/documents/cors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { CorsRule } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const PutBucketCors: Operation<readonly CorsRule[], undefined> = {
  name: 'PutBucketCors',
  needs: (head) => [onBucket(head, 's3:PutBucketCORS')],
  payload: { document: { maxBytes: CORS_BYTES_MAX } },
  read: ({ document, dialect }) => readCors(document, dialect.corsDocuments),
  async run(context, rules) {
    await changeSetting(context.services, context.bucket(), { name: 'cors', value: rules })
    return undefined
  },
  // RGW names a type although there is no body (recorded: cors.put).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
