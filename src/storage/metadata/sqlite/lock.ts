import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sqliteCode } from './failures.ts'

/**
 * Keeps a second process off the data directory: two group committers, each with its own ids in memory, would
 * overwrite each other. The operating system lets go of the lock when the process ends, however it ends.
 * @throws Error naming the directory when another process holds it
 */
export function lockDirectory(dir: string): { release(): void } {
  // No waiting: a server that is told to start on a used directory should say so at once.
  const db = new Database(join(dir, 'lock.db'), { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (!sqliteCode(cause)?.startsWith('SQLITE_BUSY')) throw cause
    throw new Error(`the data directory ${dir} is in use: another cozos runs on it`, { cause })
  }
  return { release: () => db.close() }
}
