import { emptyConfigurationList } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketInventoryConfiguration is not served. */
export const ListBucketInventoryConfigurations: Operation<string | undefined, string | undefined> = {
  name: 'ListBucketInventoryConfigurations',
  needs: (head) => [onBucket(head, 's3:GetInventoryConfiguration')],
  payload: 'none',
  read: ({ head }) => head.query.get('continuation-token'),
  run: async (_context, continuationToken) => continuationToken,
  write: (continuationToken) => ({ body: emptyConfigurationList('inventory', continuationToken) }),
}
