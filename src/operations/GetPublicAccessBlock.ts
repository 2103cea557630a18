import { NO_BLOCKS } from '../domain/access/blocks.ts'
import { s3Error } from '../errors.ts'
import { publicAccessBlockDocument } from '../s3/documents/public-access-block.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { PublicAccessBlock } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetPublicAccessBlock: Operation<undefined, PublicAccessBlock> = {
  name: 'GetPublicAccessBlock',
  needs: (head) => [onBucket(head, 's3:GetBucketPublicAccessBlock')],
  payload: 'none',
  read: () => undefined,
  async run({ bucket, dialect }) {
    const { name, settings } = bucket()
    if (settings.publicAccessBlock !== undefined) return settings.publicAccessBlock
    if (dialect.answersUnsetBlocks) return NO_BLOCKS
    throw s3Error('NoSuchPublicAccessBlockConfiguration', { BucketName: name })
  },
  write: (block, { dialect }) => ({ body: publicAccessBlockDocument(block, dialect) }),
}
