import { S3Error } from '../../src/errors.ts'

/** The code of the S3Error that a piece of work throws; the work's value if it throws none. */
export function codeOf<T>(work: () => T): string | T {
  try {
    return work()
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}
