import { s3Error } from '../errors.ts'
import type { UsageRow } from '../storage/metadata/rows.ts'
import type { UsageRange } from '../storage/metadata/store.ts'
import type { Services } from './services.ts'

/** Rows read, or removed, in one transaction. */
const PAGE_ROWS = 1000
/** Rows whose entries one answer tells: some tens of MiB. Sums have no such bound. */
export const USAGE_ENTRIES_MAX = 100_000

export interface UsageQuery extends UsageRange {
  readonly bucket: string | undefined
  /** Kinds of requests; undefined: all. */
  readonly categories: ReadonlySet<string> | undefined
  /** Whether the rows themselves are wanted, or their sums only. */
  readonly withEntries: boolean
}

export type UsageNumbers = Pick<UsageRow, 'bytesSent' | 'bytesReceived' | 'operations' | 'successfulOperations'>

export interface UsageReport {
  /** In the order of owner, bucket, hour and category. */
  readonly entries: readonly UsageRow[]
  /** By owner, then by category, each in the order of names. */
  readonly sums: ReadonlyMap<string, ReadonlyMap<string, UsageNumbers>>
}

/**
 * What requests have cost, those of this moment included.
 * @throws S3Error InvalidArgument for more entries than one answer may have
 */
export async function reportUsage(
  { metadata, records }: Pick<Services, 'metadata' | 'records'>,
  query: UsageQuery,
): Promise<UsageReport> {
  await records.store(metadata)
  const { ownerId, fromMs, toMs, bucket, categories, withEntries } = query
  const range = { ownerId, fromMs, toMs, ...(bucket === undefined ? {} : { bucket }) }
  const entries: UsageRow[] = []
  const sums = new Map<string, Map<string, UsageNumbers>>()
  for (let after: UsageRow | undefined; ; ) {
    const page = await metadata.read((tx) => tx.usage.list({ ...range, after, limit: PAGE_ROWS }))
    const rows = categories === undefined ? page : page.filter((row) => categories.has(row.category))
    if (withEntries) entries.push(...rows)
    if (entries.length > USAGE_ENTRIES_MAX) {
      const message = 'There is more usage than one answer may tell: ask for a user, a time, or the summary only'
      throw s3Error('InvalidArgument', {}, { message })
    }
    for (const row of rows) addTo(sums, row)
    after = page.at(-1)
    if (page.length < PAGE_ROWS)
      return { entries, sums: new Map([...sums].map(([id, byName]) => [id, sorted(byName)])) }
  }
}

function addTo(sums: Map<string, Map<string, UsageNumbers>>, row: UsageRow): void {
  const ofOwner = sums.get(row.ownerId) ?? new Map<string, UsageNumbers>()
  sums.set(row.ownerId, ofOwner)
  ofOwner.set(row.category, sumOf(ofOwner.get(row.category) ?? NOTHING, row))
}

export const NOTHING: UsageNumbers = { bytesSent: 0, bytesReceived: 0, operations: 0, successfulOperations: 0 }

export function sumOf(one: UsageNumbers, other: UsageNumbers): UsageNumbers {
  return {
    bytesSent: one.bytesSent + other.bytesSent,
    bytesReceived: one.bytesReceived + other.bytesReceived,
    operations: one.operations + other.operations,
    successfulOperations: one.successfulOperations + other.successfulOperations,
  }
}

function sorted<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Forgets usage, in transactions of bounded size. */
export async function trimUsage(
  { metadata, records }: Pick<Services, 'metadata' | 'records'>,
  range: UsageRange,
): Promise<void> {
  // What still waits in memory would come back.
  await records.store(metadata)
  for (;;) {
    const removed = await metadata.write((tx) => tx.usage.trim({ ...range, limit: PAGE_ROWS }))
    if (removed < PAGE_ROWS) return
  }
}
