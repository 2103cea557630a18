import type { MeasuredBucket } from '../../domain/buckets/find.ts'
import type { BucketRef, BucketRow } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'
import { optionalText, requiredText } from './parameters.ts'
import { quotaValue } from './quota.ts'
import { usageValue } from './user.ts'
import type { AdminObject } from './value.ts'

/**
 * The bucket that a request names: `tenant/name` or `tenant:name`, and without either in the tenant of the request's
 * user, if it names one.
 * @throws S3Error InvalidArgument where it names none
 */
export function namedBucket(head: RequestHead): BucketRef {
  const text = requiredText(head, 'bucket')
  const mark = text.search(/[/:]/)
  if (mark >= 0) return { tenant: text.slice(0, mark), name: text.slice(mark + 1) }
  const uid = optionalText(head, 'uid') ?? ''
  const tenant = optionalText(head, 'tenant') ?? uid.slice(0, Math.max(0, uid.indexOf('$')))
  return { tenant, name: text }
}

/** Ceph's name of a bucket among those of all tenants. */
export function bucketKey({ tenant, name }: BucketRef): string {
  return tenant === '' ? name : `${tenant}/${name}`
}

/** An id that no later bucket of this name has, in Ceph's form: the zone's name in front. */
export function bucketId({ id }: Pick<BucketRow, 'id'>, region: string): string {
  return `${region}.${id}`
}

/**
 * A bucket as Ceph prints it (RGW's bucket_stats), without what belongs to its index. `versioned` and
 * `versioning_enabled` are go-ceph's.
 */
export function bucketValue({ bucket, usage }: MeasuredBucket, region: string): AdminObject {
  const id = bucketId(bucket, region)
  return {
    bucket: bucket.name,
    num_shards: 0,
    tenant: bucket.tenant,
    versioning: bucket.versioning,
    versioned: bucket.versioning !== 'off',
    versioning_enabled: bucket.versioning === 'enabled',
    object_lock_enabled: bucket.objectLock,
    zonegroup: region,
    placement_rule: 'default-placement',
    explicit_placement: { data_pool: '', data_extra_pool: '', index_pool: '' },
    id,
    marker: id,
    index_type: 'Normal',
    owner: bucket.ownerId,
    creation_time: cephTime(bucket.createdMs),
    usage: { 'rgw.main': usageValue(usage) },
    bucket_quota: quotaValue(bucket.settings.quota),
  }
}

/** `2012-09-25T16:00:00.000000Z` */
export function cephTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z')
}
