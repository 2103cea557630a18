import type { Integrity } from '../../domain/bytes/integrity.ts'
import { s3Error } from '../../errors.ts'
import type { BucketRow, ObjectAttributes, Retention } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import type { Wire } from '../request.ts'
import { parseIsoDate } from './dates.ts'
import { objectAddress } from './permissions.ts'
import { readVersionId } from './version-id.ts'

/** The three object-lock headers as they came. */
export interface LockHeaders {
  readonly mode: string | undefined
  readonly until: string | undefined
  readonly hold: string | undefined
}

/**
 * Retention from x-amz-object-lock-mode and -retain-until-date. That the date lies ahead is checked where the clock is.
 * @throws S3Error InvalidArgument for one without the other, an unknown mode or a date that is none (recorded:
 *   object.put.lock_mode_only, lock_bad_mode)
 */
export function parseRetention({ mode, until }: LockHeaders): Retention | undefined {
  if (mode === undefined && until === undefined) return undefined
  if (mode === undefined || until === undefined) {
    throw invalid('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied')
  }
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw invalid('Unknown wormMode directive.')
  const retainUntilMs = parseIsoDate(until)
  if (retainUntilMs === undefined) throw invalid('The retain until date must be provided in ISO 8601 format')
  return { mode, retainUntilMs }
}

/** @throws S3Error InvalidArgument for anything but ON and OFF */
export function parseLegalHold({ hold }: LockHeaders): boolean | undefined {
  if (hold === undefined) return undefined
  if (hold !== 'ON' && hold !== 'OFF') throw invalid('Legal Hold must be either of ON or OFF')
  return hold === 'ON'
}

function invalid(message: string): Error {
  return s3Error('InvalidArgument', {}, { message })
}

/**
 * The bucket of a request for a version's lock. RGW's words are recorded (retention.put.no_lock_bucket,
 * legal_hold.put.no_lock_bucket, retention.get.no_lock_bucket).
 * @throws S3Error InvalidRequest where the bucket has no object lock
 */
export function lockingBucket(
  bucket: BucketRow,
  { dialect, rgwMessage }: { readonly dialect: Dialect; readonly rgwMessage: string },
): BucketRow {
  if (bucket.objectLock) return bucket
  const message = dialect.rgwExtensions ? rgwMessage : 'Bucket is missing Object Lock Configuration'
  throw s3Error('InvalidRequest', {}, { message })
}

/** The version that a request for a lock names. */
export interface LockedRef {
  readonly key: string
  readonly versionId: string | undefined
}

export function readLockedRef({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): LockedRef {
  return { key: objectAddress(head).key, versionId: readVersionId({ head, dialect }) }
}

/** Whether an object is stored under a lock, of its own or by the bucket's default. */
export function isStoredLocked(
  { settings }: Pick<BucketRow, 'settings'>,
  { retention, legalHold }: Pick<ObjectAttributes, 'retention' | 'legalHold'>,
): boolean {
  return retention !== undefined || legalHold !== undefined || settings.objectLockRetention !== undefined
}

/**
 * AWS stores nothing under a lock that came without a digest: whoever may not delete it must know that it is whole.
 * @throws S3Error InvalidRequest
 */
export function assertDigest(
  { contentMd5, checksum }: Integrity,
  { isLocked, dialect, what }: { isLocked: boolean; dialect: Dialect; what: 'Put Object' | 'Put Part' },
): void {
  if (!isLocked || !dialect.locks.demandsDigest || contentMd5 !== undefined || checksum !== undefined) return
  const digest = 'Content-MD5 OR x-amz-checksum- HTTP header is required'
  throw s3Error('InvalidRequest', {}, { message: `${digest} for ${what} requests with Object Lock parameters` })
}
