import { s3Error } from '../errors.ts'
import { websiteDocument } from '../s3/documents/website.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { WebsiteConfiguration } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketWebsite: Operation<undefined, WebsiteConfiguration> = {
  name: 'GetBucketWebsite',
  needs: (head) => [onBucket(head, 's3:GetBucketWebsite')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.website === undefined) throw s3Error('NoSuchWebsiteConfiguration', { BucketName: name })
    return settings.website
  },
  write: (website) => ({ body: websiteDocument(website) }),
}
