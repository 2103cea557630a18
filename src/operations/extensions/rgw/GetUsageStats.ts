import type { Account } from '../../../domain/accounts.ts'
import { type UsageStats, usageStats } from '../../../domain/recording/usage-stats.ts'
import { s3Error } from '../../../errors.ts'
import { readUsageRange, usageDocument } from '../../../s3/documents/usage.ts'
import type { Operation } from '../../operation.ts'

interface Output {
  readonly account: Account
  readonly stats: UsageStats
}

/** `GET /?usage`: Ceph's own. What the caller's buckets and requests have cost. */
export const GetUsageStats: Operation<{ fromMs: number; toMs: number }, Output> = {
  name: 'GetUsageStats',
  // S3's policy language has no action for it: it is as open as the caller's own list of buckets.
  needs: () => [{ action: 's3:ListAllMyBuckets' }],
  payload: 'none',
  read: ({ head }) => readUsageRange(head),
  async run({ services, caller }, range) {
    if (caller.kind === 'anonymous') throw s3Error('AccessDenied')
    const { account } = caller
    return { account, stats: await usageStats(services, account.id, range) }
  },
  write: ({ account, stats }) => ({ body: usageDocument(stats, account) }),
}
