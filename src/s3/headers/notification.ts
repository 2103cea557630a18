import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

const SUBRESOURCE = 'notification'

/**
 * Which notification is meant; undefined for all. Ceph's server reads the value of `notification`, its extras for
 * botocore send the parameter `notification-id`.
 */
export function readNotificationId({ query }: RequestHead): string | undefined {
  return query.get(SUBRESOURCE) || query.get('notification-id') || undefined
}

/** @throws S3Error InvalidArgument for an id: a configuration names those of its notifications itself */
export function refuseNotificationId({ query }: RequestHead): void {
  const value = query.get(SUBRESOURCE) ?? ''
  if (value === '') return
  const message = 'The parameter notification has no value when a configuration is put'
  throw s3Error('InvalidArgument', { ArgumentName: SUBRESOURCE, ArgumentValue: value }, { message })
}

/** AWS's way to name destinations that are not there, or not yet. */
export function readSkipsValidation({ headers }: RequestHead): boolean {
  return headers.get('x-amz-skip-destination-validation')?.toLowerCase() === 'true'
}
