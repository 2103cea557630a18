import { S3Error } from '../../../errors.ts'

/** What an operator has to mend, by the code that the system call failed with. */
const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk that holds the data directory is full.',
  EDQUOT: 'The disk quota of the data directory is used up.',
  EROFS: 'The disk that holds the data directory is mounted read-only.',
}

/** The disk's failure as the client hears of it: ServiceUnavailable where waiting for the operator may help. */
export function writeFailure(cause: unknown): unknown {
  const message = UNWRITABLE[errorCode(cause) ?? '']
  return message === undefined ? cause : new S3Error('ServiceUnavailable', { message, cause })
}

/** The code of a failed system call. */
export function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}
