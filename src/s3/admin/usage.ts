import { NOTHING, sumOf, type UsageNumbers, type UsageReport } from '../../domain/usage.ts'
import type { UsageRow } from '../../storage/metadata/rows.ts'
import { cephTime } from './bucket.ts'
import { type AdminList, type AdminObject, listOf } from './value.ts'

const SECOND_MS = 1000

export interface UsageParts {
  readonly showEntries: boolean
  readonly showSummary: boolean
}

/** Usage as Ceph prints it (recorded: admin.usage; RGWUsage::show). */
export function usageReportValue({ entries, sums }: UsageReport, parts: UsageParts): AdminObject {
  return {
    entries: parts.showEntries ? entriesValue(entries) : undefined,
    summary: parts.showSummary ? summaryValue(sums) : undefined,
  }
}

function entriesValue(rows: readonly UsageRow[]): AdminList {
  const owners = Map.groupBy(rows, (row) => row.ownerId)
  const users = [...owners].map(([user, ofOwner]) => {
    const buckets = Map.groupBy(ofOwner, (row) => `${row.bucket}\0${row.hourMs}`)
    return { user, buckets: listOf('bucket', [...buckets.values()].map(bucketValue)) }
  })
  return listOf('user', users)
}

function bucketValue(rows: readonly UsageRow[]): AdminObject {
  const [{ bucket, hourMs, ownerId } = { bucket: '', hourMs: 0, ownerId: '' }] = rows
  return {
    bucket,
    time: cephTime(hourMs),
    epoch: Math.floor(hourMs / SECOND_MS),
    owner: ownerId,
    categories: categoriesValue(rows.map((row) => [row.category, row])),
  }
}

function summaryValue(sums: UsageReport['sums']): AdminList {
  const users = [...sums].map(([user, byCategory]) => ({
    user,
    categories: categoriesValue([...byCategory]),
    total: numbersValue([...byCategory.values()].reduce(sumOf, NOTHING)),
  }))
  return listOf('user', users)
}

function categoriesValue(categories: readonly (readonly [category: string, numbers: UsageNumbers])[]): AdminList {
  return listOf(
    'entry',
    categories.map(([category, numbers]) => ({ category, ...numbersValue(numbers) })),
  )
}

function numbersValue(numbers: UsageNumbers): AdminObject {
  return {
    bytes_sent: numbers.bytesSent,
    bytes_received: numbers.bytesReceived,
    ops: numbers.operations,
    successful_ops: numbers.successfulOperations,
  }
}
