import { S3Error } from '../../../errors.ts'

/** What the disk or its permissions did, as SQLite names it, and what the client hears of it. */
const DISK_FAILURES: readonly (readonly [code: string, message: string])[] = [
  ['SQLITE_FULL', 'The storage is full.'],
  ['SQLITE_READONLY', 'The storage is read-only.'],
  ['SQLITE_IOERR', 'The storage reports an error.'],
  ['SQLITE_CANTOPEN', 'The storage cannot be opened.'],
]

/** Failures of the disk become ServiceUnavailable with their cause; everything else stays what it is. */
export function translateFailure(cause: unknown): unknown {
  const code = sqliteCode(cause)
  const found = code === undefined ? undefined : DISK_FAILURES.find(([name]) => code.startsWith(name))
  return found === undefined ? cause : new S3Error('ServiceUnavailable', { message: found[1], cause })
}

/** The extended result code of an error of better-sqlite3; undefined for any other error. */
export function sqliteCode(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return undefined
  return cause.code.startsWith('SQLITE_') ? cause.code : undefined
}
