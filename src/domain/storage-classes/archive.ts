import { s3Error } from '../../errors.ts'
import type { RestoreState, VersionRow } from '../../storage/metadata/rows.ts'

/** Classes whose objects have to be restored before they can be read; GLACIER_IR is none, as its name says. */
const ARCHIVED: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE'])

export function isArchived(storageClass: string): boolean {
  return ARCHIVED.has(storageClass)
}

/** How far a restore is. Undefined: there was none, or it is over. */
export type RestoreStatus =
  | { readonly isOngoing: true }
  | { readonly isOngoing: false; readonly untilMs: number }
  | undefined

/** The clock decides: what is stored of a restore that is over may still be there. */
export function restoreStatus(restore: RestoreState | undefined, nowMs: number): RestoreStatus {
  if (restore === undefined || nowMs >= restore.untilMs) return undefined
  return nowMs < restore.readyMs ? { isOngoing: true } : { isOngoing: false, untilMs: restore.untilMs }
}

/** S3's words for the two ways to read an archived object. */
const REFUSALS = {
  object: "The operation is not valid for the object's storage class",
  'copy-source': "Operation is not valid for the source object's storage class",
} as const

/**
 * The bytes of an archived object can be read only while it is restored.
 * @throws S3Error InvalidObjectState
 */
export function assertReadable(
  { storageClass, attributes }: Pick<VersionRow, 'storageClass' | 'attributes'>,
  { nowMs, as = 'object' }: { nowMs: number; as?: keyof typeof REFUSALS },
): void {
  if (!isArchived(storageClass) || restoreStatus(attributes.restore, nowMs)?.isOngoing === false) return
  throw s3Error('InvalidObjectState', { StorageClass: storageClass }, { message: REFUSALS[as] })
}
