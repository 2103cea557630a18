import { loggingDocument } from '../s3/documents/logging.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { LoggingTarget } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketLogging: Operation<undefined, LoggingTarget | undefined> = {
  name: 'GetBucketLogging',
  needs: (head) => [onBucket(head, 's3:GetBucketLogging')],
  payload: 'none',
  read: () => undefined,
  run: async (context) => context.bucket().settings.logging,
  write: (logging, { dialect, services }) => ({
    body: loggingDocument(logging, { accounts: services.accounts, dialect }),
  }),
}
