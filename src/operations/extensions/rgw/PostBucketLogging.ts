import { deliverAll } from '../../../domain/recording/deliver.ts'
import { s3Error } from '../../../errors.ts'
import { onBucket } from '../../../s3/headers/bucket.ts'
import type { Operation } from '../../operation.ts'

/**
 * `POST ?logging`: Ceph's own. What has been recorded for the bucket's log is delivered at once; the answer comes when
 * it is there.
 */
export const PostBucketLogging: Operation<undefined, undefined> = {
  name: 'PostBucketLogging',
  needs: (head) => [onBucket(head, 's3:PostBucketLogging')],
  payload: 'none',
  read: () => undefined,
  async run({ services, dialect, signal, bucket }) {
    const source = bucket()
    const { logging } = source.settings
    if (logging === undefined) {
      throw s3Error('NoSuchConfiguration', { BucketName: source.name }, { message: 'The bucket has no access log.' })
    }
    const delivery = await deliverAll(services, source, { rules: dialect, signal })
    if (delivery.outcome === 'refused') {
      throw s3Error('InvalidTargetBucketForLogging', { TargetBucket: logging.bucket }, { cause: delivery.cause })
    }
    return undefined
  },
  write: () => ({}),
}
