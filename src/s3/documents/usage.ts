import type { Account } from '../../domain/accounts.ts'
import type { UsageStats } from '../../domain/recording/usage-stats.ts'
import { NOTHING, sumOf, type UsageNumbers, type UsageReport } from '../../domain/usage.ts'
import type { UsageRow } from '../../storage/metadata/rows.ts'
import { cephTime } from '../admin/bucket.ts'
import { timeMs } from '../admin/parameters.ts'
import type { RequestHead } from '../request.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'

/**
 * `start-date` and `end-date`; all times where they are left out.
 * @throws S3Error InvalidArgument
 */
export function readUsageRange(head: RequestHead): { fromMs: number; toMs: number } {
  return { fromMs: timeMs(head, 'start-date') ?? 0, toMs: timeMs(head, 'end-date') ?? Number.MAX_SAFE_INTEGER }
}

/** The answer of GetUsageStats: RGWGetUsage of Ceph's rgw_rest_s3.cc, which prints no namespace. */
export function usageDocument({ report, total, buckets }: UsageStats, account: Account): string {
  const content: XmlContent = {
    Entries: { User: userEntries(report.entries) },
    Summary: {
      User: userSummaries(report),
      QuotaMaxBytes: enabledLimit(account.quota, 'maxBytes'),
      QuotaMaxBuckets: account.maxBuckets,
      QuotaMaxObjCount: enabledLimit(account.quota, 'maxObjects'),
      QuotaMaxBytesPerBucket: enabledLimit(account.bucketQuota, 'maxBytes'),
      QuotaMaxObjCountPerBucket: enabledLimit(account.bucketQuota, 'maxObjects'),
      TotalBytes: total.bytes,
      // Nothing is rounded up to blocks here.
      TotalBytesRounded: total.bytes,
      TotalEntries: total.objects,
    },
    CapacityUsed: {
      User: {
        Buckets: { Entry: buckets.map(({ name, bytes }) => ({ Bucket: name, Bytes: bytes, Bytes_Rounded: bytes })) },
      },
    },
  }
  return buildDocument('Usage', content, { namespace: undefined })
}

const UNLIMITED = -1

function enabledLimit(quota: Account['quota'], limit: 'maxBytes' | 'maxObjects'): number {
  return (quota?.enabled === true ? quota[limit] : undefined) ?? UNLIMITED
}

function userEntries(rows: readonly UsageRow[]): XmlContent[] {
  const owners = Map.groupBy(rows, (row) => row.ownerId)
  return [...owners].map(([Owner, ofOwner]) => {
    const hours = Map.groupBy(ofOwner, (row) => `${row.bucket}\0${row.hourMs}`)
    return { Owner, Buckets: { Bucket: [...hours.values()].map(bucketEntry) } }
  })
}

function bucketEntry(rows: readonly UsageRow[]): XmlContent {
  const [{ bucket, hourMs } = { bucket: '', hourMs: 0 }] = rows
  const categories = rows.map((row) => [row.category, row] as const)
  return { Bucket: bucket, Time: cephTime(hourMs), Epoch: hourMs / 1000, Categories: { Entry: entries(categories) } }
}

function userSummaries({ sums }: UsageReport): XmlContent[] {
  return [...sums].map(([User, byCategory]) => ({
    User,
    Categories: { Entry: entries([...byCategory]) },
    Total: numbers([...byCategory.values()].reduce(sumOf, NOTHING)),
  }))
}

function entries(categories: readonly (readonly [name: string, numbers: UsageNumbers])[]): XmlContent[] {
  return categories.map(([Category, sums]) => ({ Category, ...numbers(sums) }))
}

function numbers(sums: UsageNumbers): XmlContent {
  return {
    BytesSent: sums.bytesSent,
    BytesReceived: sums.bytesReceived,
    Ops: sums.operations,
    SuccessfulOps: sums.successfulOperations,
  }
}
