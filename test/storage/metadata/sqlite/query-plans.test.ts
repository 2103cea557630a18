import { readdirSync, readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterAll, expect, it } from 'vitest'
import { statements } from '../../../../src/storage/metadata/sqlite/transactions.ts'
import { ASSEMBLY_TABLE } from '../../../../src/storage/metadata/sqlite/upload-sql.ts'

const db = new Database(':memory:')
for (const name of readdirSync('migrations/sqlite').sort()) db.exec(readFileSync(`migrations/sqlite/${name}`, 'utf8'))
db.exec(ASSEMBLY_TABLE)
afterAll(() => db.close())

/** Lists that a statement brings along, and tables of few rows that are there to be walked. */
const NAMES = ['json_each', 'wanted', 'listed', 'used', 'u', 'copied', 'a', 'temp\\.assembly', 'CONSTANT ROW']
// One row for each bucket or topic that something waits for.
const WAITING = ['log_pending', 'outbox_totals']
const OWN_LISTS = new RegExp(`^SCAN (?:${[...NAMES, ...WAITING].join('|')}|\\(subquery-\\d+\\))(?: |$)`)

const texts = Object.entries(statements(db)).flatMap(([table, sql]) =>
  Object.entries(sql as Record<string, () => { source: string }>).map(
    ([name, statement]) => [`${table}.${name}`, statement().source] as const,
  ),
)

it.each(texts)('%s walks no table', (_, text) => {
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${text}`)
  const parameters = Object.fromEntries([...text.matchAll(/:(\w+)/g)].map(([, name]) => [name, null]))
  const values = [...text.matchAll(/\?/g)].map(() => null)
  const steps = (values.length > 0 ? plan.all(...values) : plan.all(parameters)) as { detail: string }[]
  const scans = steps
    .map(({ detail }) => detail)
    .filter((detail) => detail.startsWith('SCAN') && !OWN_LISTS.test(detail))
  expect(scans).toEqual([])
  // A list that the statement brings along may be sorted, rows of a table come in the order of an index.
  const sorts = steps.filter(({ detail }) => detail === 'USE TEMP B-TREE FOR ORDER BY')
  if (!text.includes('json_each')) expect(sorts).toEqual([])
})
