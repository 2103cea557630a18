import { S3Error } from '../../../src/errors.ts'

/** The code of the S3Error that this throws; undefined if it throws none. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}
