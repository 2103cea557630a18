import { type S3Error, s3Error } from '../../errors.ts'
import { isoSeconds } from './dates.ts'

// What a caller is told who cannot be authenticated, in AWS's words where AWS has some.

export function refusedScheme(scheme: 'bearer' | 'unknown'): S3Error {
  const message =
    scheme === 'bearer' ? 'Bearer tokens are not served on this listener' : 'Unsupported Authorization Type'
  return s3Error('InvalidArgument', { ArgumentName: 'Authorization' }, { message })
}

export function twoMechanisms(): S3Error {
  return s3Error(
    'InvalidArgument',
    { ArgumentName: 'Authorization' },
    {
      message:
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter ' +
        'or the Authorization header should be specified',
    },
  )
}

export function undated(): S3Error {
  const message = 'AWS authentication requires a valid Date or x-amz-date header'
  return s3Error('AccessDenied', {}, { message })
}

/** @param life `seconds` where the URL says how long it lives, as SigV4's do */
export function expired(life: { untilMs: number; nowMs: number; seconds?: number }): S3Error {
  const { untilMs, nowMs, seconds } = life
  const details = {
    ...(seconds === undefined ? {} : { 'X-Amz-Expires': seconds }),
    Expires: isoSeconds(untilMs),
    ServerTime: isoSeconds(nowMs),
  }
  return s3Error('AccessDenied', details, { message: 'Request has expired' })
}
