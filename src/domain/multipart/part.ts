import type { PartRow, UploadRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { commitReceived } from '../bytes/commit.ts'
import type { Received } from '../bytes/receive.ts'
import { deletableAtMs } from '../limits.ts'
import type { Services } from '../services.ts'
import { findOpen, type UploadRef } from './uploads.ts'

export interface PartRef extends UploadRef {
  /** 1 to PART_NUMBER_MAX. */
  readonly partNumber: number
}

/**
 * The upload that a part is meant for. Asked before the body is received, so that nobody sends 5 GiB to an upload that
 * is not there.
 * @throws S3Error NoSuchUpload
 */
export function openUpload(services: Services, ref: UploadRef): Promise<UploadRow> {
  return services.metadata.read((tx) => findOpen(tx, ref))
}

/**
 * Makes received bytes a part, in place of one that has this number already. The bytes are dropped if that fails.
 * @throws S3Error NoSuchUpload when the upload has been completed or aborted while the bytes came in
 */
export async function storePart(
  services: Services,
  ref: PartRef,
  { received, etag }: { received: Received; etag: string },
): Promise<PartRow> {
  const { chunk, sizeBytes, checksum } = received
  return await commitReceived(services.metadata, received, async (tx) => {
    const manifestId = await tx.manifests.create(chunk === undefined ? [] : [chunk])
    return await putPart(tx, { services, ref, content: { sizeBytes, etag, checksum, manifestId } })
  })
}

export interface PartWrite {
  readonly services: Services
  readonly ref: PartRef
  /** The part takes over the one reference to its manifest. */
  readonly content: Pick<PartRow, 'sizeBytes' | 'etag' | 'checksum' | 'manifestId'>
}

/**
 * What the transaction of every part does, whether its bytes were sent or are another object's.
 * @throws S3Error NoSuchUpload
 */
export async function putPart(tx: WriteTransaction, { services, ref, content }: PartWrite): Promise<PartRow> {
  // 1. The upload is still open: it may have been aborted while the bytes came in.
  await findOpen(tx, ref)
  // 2. The part stands; one of the same number before it becomes garbage.
  const { uploadId, partNumber } = ref
  const part: PartRow = { uploadId, partNumber, lastModifiedMs: services.clock.now(), ...content }
  await tx.uploads.putPart(part, deletableAtMs(services))
  return part
}
