import { changeSetting } from '../domain/buckets/settings.ts'
import { readWebsite, WEBSITE_BYTES_MAX } from '../s3/documents/website.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { WebsiteConfiguration } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const PutBucketWebsite: Operation<WebsiteConfiguration, undefined> = {
  name: 'PutBucketWebsite',
  needs: (head) => [onBucket(head, 's3:PutBucketWebsite')],
  payload: { document: { maxBytes: WEBSITE_BYTES_MAX } },
  read: ({ document, dialect }) => readWebsite(document, dialect),
  async run(context, website) {
    await changeSetting(context.services, context.bucket(), { name: 'website', value: website })
    return undefined
  },
  // RGW names a type although there is no body (recorded: website.put.rules).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
