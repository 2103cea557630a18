import { shownLocation } from '../domain/buckets/location.ts'
import { quotasOf } from '../domain/quota.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { HeaderValue } from '../s3/response.ts'
import type { BucketUsage } from '../storage/metadata/rows.ts'
import type { Context, Operation } from './operation.ts'

export const HeadBucket: Operation<undefined, BucketUsage> = {
  name: 'HeadBucket',
  needs: (head) => [onBucket(head, 's3:ListBucket')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { id } = context.bucket()
    return context.services.metadata.read((tx) => tx.buckets.usage(id))
  },
  write: (usage, context) => ({
    headers: [...usageHeaders(usage, context), ['x-amz-bucket-region', regionOf(context)]],
  }),
}

/** What RGW tells where no quota is enabled. */
const UNLIMITED = -1

/** RGW tells how full the bucket is, and the bucket's owner which limits it has (recorded: bucket.head). */
function usageHeaders(usage: BucketUsage, context: Context): [string, HeaderValue][] {
  const { dialect, caller } = context
  if (!dialect.rgwExtensions) return []
  const used: [string, HeaderValue][] = [
    ['X-RGW-Object-Count', usage.objects],
    ['X-RGW-Bytes-Used', usage.bytes],
  ]
  if (!dialect.tellsQuotas || caller.kind !== 'account' || caller.account.id !== context.bucket().ownerId) return used
  const quotas = quotasOf(context.services, context.bucket())
  return [
    ...used,
    ['X-RGW-Quota-User-Size', quotas.user?.maxBytes ?? UNLIMITED],
    ['X-RGW-Quota-User-Objects', quotas.user?.maxObjects ?? UNLIMITED],
    ['X-RGW-Quota-Max-Buckets', caller.account.maxBuckets],
    ['X-RGW-Quota-Bucket-Size', quotas.bucket?.maxBytes ?? UNLIMITED],
    ['X-RGW-Quota-Bucket-Objects', quotas.bucket?.maxObjects ?? UNLIMITED],
  ]
}

/** SDKs look here for a bucket's region. */
function regionOf({ dialect, services, bucket }: Context): string | undefined {
  if (!dialect.tellsLocation) return undefined
  const rule = dialect.locations
  return shownLocation(bucket().location, { region: services.region, rule }) || services.region
}
