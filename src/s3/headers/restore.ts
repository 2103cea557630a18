import type { RestoreStatus } from '../../domain/storage-classes/archive.ts'
import type { RequestHead } from '../request.ts'
import { httpDate } from './names.ts'

/** The value of x-amz-restore in S3's form; undefined for an object that is not restored and not on its way. */
export function restoreValue(status: RestoreStatus): string | undefined {
  if (status === undefined) return undefined
  if (status.isOngoing) return 'ongoing-request="true"'
  return `ongoing-request="false", expiry-date="${httpDate(status.untilMs)}"`
}

/** Whether a listing is to tell how far restores are; S3 has no other optional attribute. */
export function asksForRestoreStatus(head: RequestHead): boolean {
  const asked = head.headers.get('x-amz-optional-object-attributes') ?? ''
  return asked.split(',').some((name) => name.trim() === 'RestoreStatus')
}
