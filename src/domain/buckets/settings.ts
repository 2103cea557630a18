import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { BucketSettingName, BucketSettings } from '../../storage/metadata/settings.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

/** A setting's name, and what it is to be; undefined removes it. */
export interface SettingChange<Name extends BucketSettingName> {
  readonly name: Name
  readonly value: BucketSettings[Name] | undefined
}

/**
 * Replaces or removes one of the bucket's settings.
 * @throws S3Error NoSuchBucket when the bucket has gone since the request was authorized
 */
export async function changeSetting<Name extends BucketSettingName>(
  services: Services,
  bucket: BucketRow,
  { name, value }: SettingChange<Name>,
): Promise<void> {
  await services.metadata.write(async (tx) => {
    const { id } = await presentBucket(tx, bucket)
    await tx.buckets.setSetting(id, name, value)
  })
}
