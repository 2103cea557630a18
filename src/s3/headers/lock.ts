import { s3Error } from '../../errors.ts'
import type { Retention } from '../../storage/metadata/rows.ts'
import { parseIsoDate } from './dates.ts'

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
