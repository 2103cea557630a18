import type { BucketRow, Tag, VersionRow } from '../../storage/metadata/rows.ts'
import { eventObject, type Teller } from '../notifications/teller.ts'
import { type GrantCheck, locate } from '../versions/locate.ts'
import { presentBucket } from '../versions/write.ts'

export interface TagChange {
  /** As it was when the request was authorized. */
  readonly bucket: BucketRow
  readonly key: string
  /** The latest where it is undefined; `null` is the null version. */
  readonly versionId: string | undefined
  readonly assertGranted: GrantCheck
  /** All tags that the version is to have. */
  readonly tags: readonly Tag[]
  readonly teller: Teller
  /** How they come to be others, in the words of events. */
  readonly kind: 'tagging:put' | 'tagging:delete'
}

/** What was to be tagged. A delete marker is `absent` with its row: it can bear no tags. */
export type Tagged =
  | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }
  | { readonly kind: 'object'; readonly version: VersionRow }

/**
 * Replaces the tags of a version in place: no version comes into being, date and ETag stay. A lock does not protect
 * tags, as S3 documents.
 * @throws S3Error NoSuchBucket when the bucket has gone since the request was authorized; SlowDown
 */
export async function setObjectTags(change: TagChange): Promise<Tagged> {
  return await change.teller.write(async (tx, tell) => {
    const bucket = await presentBucket(tx, change.bucket)
    const { key, versionId, assertGranted, tags } = change
    const version = await locate(tx, { bucketId: bucket.id, key, versionId, assertGranted })
    if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
    await tx.versions.setAttributes(version, { ...version.attributes, tags })
    await tell({ bucket, kind: change.kind, object: { ...eventObject(bucket, version), tags } })
    return { kind: 'object', version }
  })
}
