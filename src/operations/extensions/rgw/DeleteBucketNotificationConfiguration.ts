import { removeNotifications } from '../../../domain/notifications/configure.ts'
import { onBucket } from '../../../s3/headers/bucket.ts'
import { readNotificationId } from '../../../s3/headers/notification.ts'
import type { Operation } from '../../operation.ts'

/** `DELETE ?notification`, all of them, or `?notification=id`: Ceph's own. */
export const DeleteBucketNotificationConfiguration: Operation<string | undefined, undefined> = {
  name: 'DeleteBucketNotificationConfiguration',
  needs: (head) => [onBucket(head, 's3:PutBucketNotification')],
  payload: 'none',
  read: ({ head }) => readNotificationId(head),
  async run({ services, bucket }, id) {
    await removeNotifications(services, bucket(), id)
    return undefined
  },
  write: () => ({}),
}
