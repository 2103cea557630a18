import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { syncFolder } from './durability.ts'
import { lockDirectory } from './lock.ts'
import { migrate } from './migrate.ts'
import { ASSEMBLY_TABLE } from './upload-sql.ts'

/** The page cache of each connection, in KiB. It grows with use: an idle server has none of it. */
const CACHE_KIB = 24 * 1024
/** Only the final checkpoint and a wrap of the WAL ever wait for another connection, and then for milliseconds. */
const BUSY_MS = 5000

export interface Connections {
  readonly path: string
  readonly writer: Database.Database
  readonly reader: Database.Database
  close(): void
}

/**
 * Locks the directory, opens the database and brings its schema up to date.
 * @throws Error that names the directory or file, and says what is wrong with it
 */
export function connect(dir: string): Connections {
  const open: { close(): void }[] = []
  try {
    makeFolder(dir)
    const lock = lockDirectory(dir)
    open.push({ close: () => lock.release() })
    const path = join(dir, 'metadata.db')
    const writer = new Database(path, { timeout: BUSY_MS })
    open.push(writer)
    prepareWriter(writer, path)
    const reader = new Database(path, { timeout: BUSY_MS, readonly: true, fileMustExist: true })
    open.push(reader)
    reader.pragma(`cache_size = -${CACHE_KIB}`)
    return { path, writer, reader, close: () => closeAll(open) }
  } catch (cause) {
    closeAll(open)
    throw explain(dir, cause)
  }
}

/** The folders that are missing on the way to it too, and their names durably. */
function makeFolder(dir: string): void {
  const first = mkdirSync(dir, { recursive: true })
  if (first === undefined) return
  for (let made = resolve(dir); made.startsWith(first); made = dirname(made)) syncFolder(dirname(made))
}

function prepareWriter(writer: Database.Database, path: string): void {
  // Before anything that writes: another program's file is left as it is.
  migrate(writer, path)
  writer.pragma('journal_mode = WAL')
  // The WAL is made durable by durability.ts, off the event loop; SQLite itself syncs at checkpoints only.
  writer.pragma('synchronous = NORMAL')
  writer.pragma('wal_autocheckpoint = 0')
  writer.pragma(`cache_size = -${CACHE_KIB}`)
  writer.pragma('temp_store = MEMORY')
  writer.exec(ASSEMBLY_TABLE)
}

/** The lock comes first and goes last. */
function closeAll(open: readonly { close(): void }[]): void {
  for (const one of open.toReversed()) one.close()
}

function explain(dir: string, cause: unknown): unknown {
  const code = (cause as { code?: unknown }).code
  if (typeof code !== 'string') return cause
  if (/^(EACCES|EROFS|EPERM|SQLITE_READONLY|SQLITE_CANTOPEN)/.test(code)) {
    return new Error(`the data directory ${dir} cannot be written to (${code})`, { cause })
  }
  if (/^(SQLITE_NOTADB|SQLITE_CORRUPT)/.test(code)) {
    return new Error(`${join(dir, 'metadata.db')} is not a sound SQLite database (${code})`, { cause })
  }
  return new Error(`the metadata in ${dir} cannot be opened: ${(cause as Error).message}`, { cause })
}
