import { emptyConfigurationList } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketIntelligentTieringConfiguration is not served. */
export const ListBucketIntelligentTieringConfigurations: Operation<string | undefined, string | undefined> = {
  name: 'ListBucketIntelligentTieringConfigurations',
  needs: (head) => [onBucket(head, 's3:GetIntelligentTieringConfiguration')],
  payload: 'none',
  read: ({ head }) => head.query.get('continuation-token'),
  run: async (_context, continuationToken) => continuationToken,
  write: (continuationToken) => ({ body: emptyConfigurationList('intelligent-tiering', continuationToken) }),
}
