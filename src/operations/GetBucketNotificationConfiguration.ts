import { s3Error } from '../errors.ts'
import { notificationsDocument } from '../s3/documents/notifications.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { readNotificationId } from '../s3/headers/notification.ts'
import type { Notification } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

/** All of the bucket's, or the ones of an id, which is Ceph's: `?notification=id`. */
export const GetBucketNotificationConfiguration: Operation<string | undefined, readonly Notification[]> = {
  name: 'GetBucketNotificationConfiguration',
  needs: (head) => [onBucket(head, 's3:GetBucketNotification')],
  payload: 'none',
  read: ({ head }) => readNotificationId(head),
  async run(context, id) {
    const { notifications = [] } = context.bucket().settings
    if (id === undefined) return notifications
    const named = notifications.filter((one) => one.id === id)
    // Recorded: notification.get.one_missing.
    if (named.length === 0) throw s3Error('NoSuchKey', {}, { message: `There is no notification ${id}` })
    return named
  },
  write: (notifications, { dialect }) => ({
    body: notificationsDocument(notifications, dialect.notifications),
  }),
}
