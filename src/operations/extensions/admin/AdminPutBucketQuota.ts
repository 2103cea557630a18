import { findBucket } from '../../../domain/buckets/find.ts'
import { presentBucket } from '../../../domain/versions/write.ts'
import { namedBucket } from '../../../s3/admin/bucket.ts'
import { namedUser } from '../../../s3/admin/parameters.ts'
import {
  parseQuotaDocument,
  QUOTA_DOCUMENT_BYTES_MAX,
  type QuotaChange,
  readQuota,
  readQuotaParameters,
} from '../../../s3/admin/quota.ts'
import type { Wire } from '../../../s3/request.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly change: QuotaChange
}

/** `PUT /admin/bucket?quota`: the quota of one bucket, by parameters or as JSON. */
export const AdminPutBucketQuota: Operation<Input, undefined> = {
  name: 'AdminPutBucketQuota',
  needs: () => [{ capability: 'buckets', access: 'write' }],
  payload: { document: { maxBytes: QUOTA_DOCUMENT_BYTES_MAX } },
  read(wire) {
    // Ceph asks for the user, whose tenant the bucket is in.
    namedUser(wire.head)
    return { bucket: namedBucket(wire.head), change: readChange(wire) }
  },
  async run({ services }, input) {
    const bucket = await findBucket(services, input.bucket)
    await services.metadata.write(async (tx) => {
      const { id, settings } = await presentBucket(tx, bucket)
      await tx.buckets.setSetting(id, 'quota', input.change(settings.quota))
    })
    return undefined
  },
  write: () => ({}),
}

function readChange({ head, document }: Wire): QuotaChange {
  if (document.length === 0) return readQuotaParameters(head)
  const quota = readQuota(parseQuotaDocument(document))
  return () => quota
}
