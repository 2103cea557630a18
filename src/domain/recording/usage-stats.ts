import type { BucketUsage } from '../../storage/metadata/rows.ts'
import { listBuckets } from '../buckets/list.ts'
import type { Services } from '../services.ts'
import { reportUsage, type UsageReport } from '../usage.ts'

/** What the requests to an account's buckets have cost, and what is stored in them. */
export interface UsageStats {
  readonly report: UsageReport
  readonly total: BucketUsage
  readonly buckets: readonly (BucketUsage & { readonly name: string })[]
}

/** Buckets whose counters one transaction reads. */
const PAGE_BUCKETS = 500

/** Of the requests between these times, in milliseconds since the epoch, those of this moment included. */
export async function usageStats(
  services: Services,
  ownerId: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<UsageStats> {
  const { metadata } = services
  const all = { bucket: undefined, categories: undefined, withEntries: true }
  const report = await reportUsage(services, { ownerId, fromMs, toMs, ...all })
  const page = await listBuckets(services, { ownerId, prefix: '', after: undefined, maxBuckets: undefined })
  const buckets: (BucketUsage & { name: string })[] = []
  for (let at = 0; at < page.buckets.length; at += PAGE_BUCKETS) {
    await metadata.read(async (tx) => {
      for (const { id, name } of page.buckets.slice(at, at + PAGE_BUCKETS)) {
        buckets.push({ name, ...(await tx.buckets.usage(id)) })
      }
    })
  }
  const total = await metadata.read((tx) => tx.buckets.usageOfOwner(ownerId))
  return { report, total, buckets }
}
