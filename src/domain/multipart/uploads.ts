import { s3Error } from '../../errors.ts'
import type { BucketRow, ChecksumAlgorithm, NewUpload, UploadRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { type GivenAttributes, settleObject } from '../access/settle.ts'
import { type Caller, callerId } from '../accounts.ts'
import { newDataKey } from '../encryption/data-key.ts'
import { type EncryptionWish, infoOf, settleProtection } from '../encryption/protection.ts'
import { deletableAtMs } from '../limits.ts'
import { assertLockable } from '../locks/guard.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

/** An upload is found by its id together with its bucket and key: the id alone opens nothing. */
export interface UploadRef {
  readonly uploadId: string
  readonly bucketId: number
  readonly key: string
}

/**
 * The upload, as long as it takes parts.
 * @throws S3Error NoSuchUpload when there is none, and when it has been completed or aborted
 */
export async function findOpen(tx: ReadTransaction, ref: UploadRef): Promise<UploadRow> {
  const upload = await tx.uploads.find(ref)
  if (upload === undefined || upload.state !== 'open') throw noSuchUpload(ref)
  return upload
}

export function noSuchUpload(ref: UploadRef): Error {
  return s3Error('NoSuchUpload', { UploadId: ref.uploadId })
}

export interface UploadRequest {
  readonly bucket: BucketRow
  readonly key: string
  readonly caller: Caller
  readonly storageClass: string
  readonly attributes: GivenAttributes
  readonly checksum: UploadChecksum | undefined
  readonly encryption: EncryptionWish
}

/** The algorithm that every part of the upload is checked with, and how the object's checksum is made of theirs. */
export interface UploadChecksum {
  readonly algorithm: ChecksumAlgorithm
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

/**
 * Opens an upload.
 * @throws S3Error NoSuchBucket when the bucket has gone since the request was authorized; InvalidRequest or
 * InvalidArgument for a lock that the bucket cannot give; those of settleObject and newDataKey
 */
export async function createUpload(services: Services, request: UploadRequest): Promise<NewUpload> {
  const { bucket, attributes, checksum } = request
  const initiatedMs = services.clock.now()
  const { acl } = settleObject(services.accounts, request)
  const protection = settleProtection(bucket.settings, request.encryption)
  // A key that cannot be used is refused now: the client should not learn of it with its first part.
  if (protection?.algorithm === 'aws:kms') await newDataKey(services.keyRing, protection)
  const upload: NewUpload = {
    uploadId: services.ids.uploadId(),
    bucketId: bucket.id,
    key: request.key,
    initiatedMs,
    // Who began it, as listings tell; whom the object will belong to is decided at its completion.
    ownerId: callerId(request.caller),
    storageClass: request.storageClass,
    attributes: { ...attributes, acl, encryption: infoOf(protection) },
    checksumAlgorithm: checksum?.algorithm,
    checksumType: checksum?.type,
  }
  await services.metadata.write(async (tx) => {
    // A lock that the bucket cannot give is refused now: the client should not learn of it after its last part.
    assertLockable(await presentBucket(tx, bucket), attributes, initiatedMs)
    await tx.uploads.insert(upload)
  })
  return upload
}

/**
 * Closes an open upload; its parts become garbage. A part or a completion that runs at the same time meets
 * NoSuchUpload.
 * @throws S3Error NoSuchUpload when it is not open
 */
export async function abortUpload(services: Services, ref: UploadRef): Promise<void> {
  await services.metadata.write(async (tx) => {
    await findOpen(tx, ref)
    await tx.uploads.abort(ref.uploadId, deletableAtMs(services))
  })
}
