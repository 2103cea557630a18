import { s3Error } from '../../errors.ts'
import type { BucketRef, BucketRow, BucketUsage } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'

/** @throws S3Error NoSuchBucket */
export function findBucket({ metadata }: Pick<Services, 'metadata'>, ref: BucketRef): Promise<BucketRow> {
  return metadata.read((tx) => bucketIn(tx, ref))
}

async function bucketIn(tx: ReadTransaction, ref: BucketRef): Promise<BucketRow> {
  const bucket = await tx.buckets.find(ref)
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: ref.name })
  return bucket
}

export interface MeasuredBucket {
  readonly bucket: BucketRow
  readonly usage: BucketUsage
}

/** @throws S3Error NoSuchBucket */
export function measureBucket({ metadata }: Pick<Services, 'metadata'>, ref: BucketRef): Promise<MeasuredBucket> {
  return metadata.read((tx) => measuredIn(tx, ref))
}

async function measuredIn(tx: ReadTransaction, ref: BucketRef): Promise<MeasuredBucket> {
  const bucket = await bucketIn(tx, ref)
  return { bucket, usage: await tx.buckets.usage(bucket.id) }
}

/** Buckets read in one transaction. */
const PAGE_BUCKETS = 500

export interface BucketsRange {
  /** Undefined: everybody's. */
  readonly ownerId: string | undefined
  readonly after: BucketRef | undefined
}

/** One page of buckets in the order of tenant and name, and whether there are more. */
async function page(tx: ReadTransaction, { ownerId, after }: BucketsRange): Promise<readonly BucketRef[]> {
  if (ownerId === undefined) return tx.buckets.listAll({ after, limit: PAGE_BUCKETS })
  return tx.buckets.list({ ownerId, prefix: '', after: after?.name, limit: PAGE_BUCKETS })
}

/** The names of all buckets of one owner, or of all. */
export async function listBucketRefs(
  { metadata }: Pick<Services, 'metadata'>,
  ownerId: string | undefined,
): Promise<readonly BucketRef[]> {
  return collect((after) => metadata.read((tx) => page(tx, { ownerId, after })))
}

/** All buckets of one owner, or of all, with what is in them. */
export async function listMeasured(
  { metadata }: Pick<Services, 'metadata'>,
  ownerId: string | undefined,
): Promise<readonly MeasuredBucket[]> {
  const measured = await collect((after) =>
    metadata.read(async (tx) => {
      const found: (MeasuredBucket & BucketRef)[] = []
      for (const { tenant, name } of await page(tx, { ownerId, after })) {
        found.push({ tenant, name, ...(await measuredIn(tx, { tenant, name })) })
      }
      return found
    }),
  )
  return measured
}

async function collect<T extends BucketRef>(
  read: (after: BucketRef | undefined) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = []
  for (;;) {
    const found = await read(all.at(-1))
    all.push(...found)
    if (found.length < PAGE_BUCKETS) return all
  }
}
