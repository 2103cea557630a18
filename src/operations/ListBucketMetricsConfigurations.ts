import { emptyConfigurationList } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketMetricsConfiguration is not served. */
export const ListBucketMetricsConfigurations: Operation<string | undefined, string | undefined> = {
  name: 'ListBucketMetricsConfigurations',
  needs: (head) => [onBucket(head, 's3:GetMetricsConfiguration')],
  payload: 'none',
  read: ({ head }) => head.query.get('continuation-token'),
  run: async (_context, continuationToken) => continuationToken,
  write: (continuationToken) => ({ body: emptyConfigurationList('metrics', continuationToken) }),
}
