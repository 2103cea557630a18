import { emptyConfigurationList } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketAnalyticsConfiguration is not served. */
export const ListBucketAnalyticsConfigurations: Operation<string | undefined, string | undefined> = {
  name: 'ListBucketAnalyticsConfigurations',
  needs: (head) => [onBucket(head, 's3:GetAnalyticsConfiguration')],
  payload: 'none',
  read: ({ head }) => head.query.get('continuation-token'),
  run: async (_context, continuationToken) => continuationToken,
  write: (continuationToken) => ({ body: emptyConfigurationList('analytics', continuationToken) }),
}
