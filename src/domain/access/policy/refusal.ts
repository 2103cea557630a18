import { type S3Error, s3Error } from '../../../errors.ts'

/**
 * The error of a policy that cannot be taken.
 * @param where empty, or the statement: `Statement 2`
 */
export function malformed(where: string, reason: string): S3Error {
  return s3Error('MalformedPolicy', {}, { message: where === '' ? reason : `${where}: ${reason}` })
}
