import type { Database, Statement } from 'better-sqlite3'
import { UniqueViolation } from '../store.ts'

// SQLite looks at the values of some parameters while it plans a query (`column = ?` where there is something to plan,
// `LIMIT ?`), and then prepares the statement anew for every other value: 5 to 15 µs, measured with 3.54. It does not
// look into expressions. So queries with an ORDER BY, a LIMIT or a join say `? + 0` of a number, `? || ''` of a text.

/** A statement that is prepared when it is first used, and kept: preparing all of them would slow the start. */
export type Prepared<Parameters extends unknown[], Row = unknown> = () => Statement<Parameters, Row>

export function prepared<Parameters extends unknown[], Row = unknown>(
  db: Database,
  sql: string,
): Prepared<Parameters, Row> {
  let statement: Statement<Parameters, Row> | undefined
  return () => {
    statement ??= db.prepare(sql) as unknown as Statement<Parameters, Row>
    return statement
  }
}

/** Runs an insert; a row of the same key becomes a UniqueViolation. The failed statement leaves nothing behind. */
export function inserting<T>(insert: () => T): T {
  try {
    return insert()
  } catch (cause) {
    const code = (cause as { code?: unknown }).code
    if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
      throw new UniqueViolation((cause as Error).message, { cause })
    }
    throw cause
  }
}
