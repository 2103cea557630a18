import { s3Error } from '../errors.ts'
import { corsDocument } from '../s3/documents/cors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { CorsRule } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketCors: Operation<undefined, readonly CorsRule[]> = {
  name: 'GetBucketCors',
  needs: (head) => [onBucket(head, 's3:GetBucketCORS')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.cors === undefined) throw s3Error('NoSuchCORSConfiguration', { BucketName: name })
    return settings.cors
  },
  write: (rules, { dialect }) => ({ body: corsDocument(rules, dialect.corsDocuments) }),
}
