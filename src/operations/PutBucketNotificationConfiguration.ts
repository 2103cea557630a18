import { putNotifications, type RequestedNotification } from '../domain/notifications/configure.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readNotifications } from '../s3/documents/notifications.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { readSkipsValidation, refuseNotificationId } from '../s3/headers/notification.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly requested: readonly RequestedNotification[]
  readonly unchecked: boolean
}

export const PutBucketNotificationConfiguration: Operation<Input, undefined> = {
  name: 'PutBucketNotificationConfiguration',
  needs: (head) => [onBucket(head, 's3:PutBucketNotification')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read({ head, document, dialect }) {
    refuseNotificationId(head)
    return { requested: readNotifications(document, dialect.notifications), unchecked: readSkipsValidation(head) }
  },
  async run({ services, caller, dialect, bucket }, { requested, unchecked }) {
    const rules = dialect.notifications
    const named = requested.map((one) => (one.id === '' ? { ...one, id: rules.newId?.(services.ids) ?? '' } : one))
    await putNotifications(services, bucket(), { requested: named, caller, rules, unchecked })
    return undefined
  },
  write: () => ({}),
}
