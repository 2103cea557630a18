import { s3Error } from '../errors.ts'
import { lifecycleDocument } from '../s3/documents/lifecycle.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { TRANSITION_MINIMUM } from '../s3/headers/lifecycle.ts'
import type { LifecycleConfiguration } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketLifecycleConfiguration: Operation<undefined, LifecycleConfiguration> = {
  name: 'GetBucketLifecycleConfiguration',
  needs: (head) => [onBucket(head, 's3:GetLifecycleConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.lifecycle === undefined) throw s3Error('NoSuchLifecycleConfiguration', { BucketName: name })
    return settings.lifecycle
  },
  write: (configuration, { dialect }) => ({
    headers: [[TRANSITION_MINIMUM, configuration.transitionMinimum]],
    body: lifecycleDocument(configuration, dialect.lifecycle),
  }),
}
