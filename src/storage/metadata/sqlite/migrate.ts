import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'

/** `cozo` in ASCII, in the database's header: tells our files from any other program's. */
const APPLICATION_ID = 0x636f7a6f

interface Migration {
  readonly version: number
  readonly path: string
}

/**
 * Brings the schema up to date, each file in a transaction of its own, and records it in `user_version`.
 * @throws Error when the file is another program's, or was written by a newer cozos
 */
export function migrate(db: Database, path: string): void {
  const version = db.pragma('user_version', { simple: true }) as number
  const application = db.pragma('application_id', { simple: true }) as number
  const tables = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()
  const isFresh = application === 0 && version === 0 && tables?.n === 0
  if (!isFresh && application !== APPLICATION_ID) {
    throw new Error(`${path} is not a database of cozos (application_id ${application})`)
  }
  const migrations = listMigrations()
  const newest = migrations.at(-1)?.version ?? 0
  if (version > newest) {
    throw new Error(
      `${path} has schema version ${version}, but this cozos knows versions up to ${newest}: use a newer cozos`,
    )
  }
  for (const migration of migrations) {
    if (migration.version <= version) continue
    const apply = db.transaction(() => {
      db.exec(readFileSync(migration.path, 'utf8'))
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${migration.version}`)
    })
    apply.immediate()
  }
}

function listMigrations(): Migration[] {
  const folder = migrationsFolder()
  const names = readdirSync(folder).filter((name) => /^\d{4}_.*\.sql$/.test(name))
  return names.sort().map((name) => ({ version: Number(name.slice(0, 4)), path: join(folder, name) }))
}

/** Upwards from here: the sources lie four folders below the repository's root, the bundle one. */
function migrationsFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = join(folder, 'migrations', 'sqlite')
    if (existsSync(found)) return found
    if (folder === dirname(folder)) throw new Error(`no migrations/sqlite above ${import.meta.dirname}`)
  }
}
