import { s3Error } from '../../errors.ts'
import type { BucketRow, CompletedUpload, PartRow, UploadRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { newOwner } from '../access/settle.ts'
import { deletableAtMs } from '../limits.ts'
import type { Tell, Teller } from '../notifications/teller.ts'
import type { Conditions } from '../objects/conditions.ts'
import type { Services } from '../services.ts'
import { type MissingKeyCode, writeVersion } from '../versions/write.ts'
import { type Claims, type Plan, planCompletion } from './plan.ts'
import { findOpen, noSuchUpload, type UploadRef } from './uploads.ts'

export interface Completion {
  readonly bucket: BucketRow
  readonly upload: UploadRef
  readonly claims: Claims
  readonly conditions: Conditions
  readonly ifMatchOnMissing: MissingKeyCode
  readonly teller: Teller
}

/** Parts read at a time. */
const PART_PAGE = 1000

/**
 * Makes the listed parts the current version of the key. No bytes move. An upload that is completed already answers
 * what it answered then, so that a client whose answer got lost may ask again.
 *
 * The object is worked out on a snapshot beforehand, because hashing and combining 10,000 checksums would hold up every
 * other writer; the transaction only looks whether the parts are still the ones it was worked out from.
 * @throws S3Error NoSuchUpload, those of planCompletion and of writeVersion
 */
export async function completeUpload(services: Services, completion: Completion): Promise<CompletedUpload> {
  const ref = completion.upload
  const { upload, stored } = await services.metadata.read(async (tx) => {
    const found = await tx.uploads.find(ref)
    return { upload: found, stored: found?.state === 'open' ? await allParts(tx, ref.uploadId) : new Map() }
  })
  if (upload?.completed !== undefined) return upload.completed
  if (upload === undefined || upload.state !== 'open') throw noSuchUpload(ref)
  const { partBytesMin } = services.limits
  const plan = planCompletion(upload, stored, { claims: completion.claims, partBytesMin })
  return await completion.teller.write((tx, tell) => commit(tx, { services, completion, plan, tell }))
}

interface Commit {
  readonly services: Services
  readonly completion: Completion
  readonly plan: Plan
  readonly tell: Tell
}

async function commit(tx: WriteTransaction, { services, completion, plan, tell }: Commit): Promise<CompletedUpload> {
  const { bucket, conditions, ifMatchOnMissing, upload: ref } = completion
  // 1. The upload is still open, or another completion was faster and has answered for this one too.
  const found = await tx.uploads.find(ref)
  if (found?.completed !== undefined) return found.completed
  const upload = await findOpen(tx, ref)
  // 2. No part has been replaced since the object was worked out.
  assertUnchanged(plan, await allParts(tx, ref.uploadId))
  // 3. The parts become one object, and the object current.
  const version = await writeVersion(tx, {
    services,
    bucket,
    conditions,
    ifMatchOnMissing,
    tell,
    kind: 'created:complete',
    version: {
      ...versionOf(upload, plan),
      ownerId: newOwner(bucket, { ownerId: upload.ownerId, acl: upload.attributes.acl }),
      lastModifiedMs: services.clock.now(),
      manifestId: await tx.uploads.assemble(
        ref.uploadId,
        plan.parts.map((part) => part.partNumber),
      ),
    },
  })
  // 4. The answer is kept for the next who asks; parts that were not listed become garbage.
  const result: CompletedUpload = {
    etag: plan.etag,
    versionId: version.versionId,
    checksum: plan.checksum,
    encryption: upload.attributes.encryption,
  }
  await tx.uploads.complete(ref.uploadId, result, deletableAtMs(services))
  return result
}

function versionOf(upload: UploadRow, plan: Plan) {
  return {
    key: upload.key,
    kind: 'object',
    sizeBytes: plan.sizeBytes,
    etag: plan.etag,
    storageClass: upload.storageClass,
    appends: 0,
    checksum: plan.checksum,
    partCount: plan.parts.length,
    attributes: upload.attributes,
  } as const
}

/** A part replaced by one with the same MD5 and checksum is the same part; any other is not the one that was listed. */
function assertUnchanged(plan: Plan, stored: ReadonlyMap<number, PartRow>): void {
  for (const { partNumber, etag, sizeBytes, checksum } of plan.parts) {
    const now = stored.get(partNumber)
    const same = now?.etag === etag && now.sizeBytes === sizeBytes && now.checksum?.value === checksum?.value
    if (!same) throw s3Error('InvalidPart', { PartNumber: partNumber, ETag: etag })
  }
}

async function allParts(tx: ReadTransaction, uploadId: string): Promise<Map<number, PartRow>> {
  const parts = new Map<number, PartRow>()
  for (let after = 0; ; ) {
    const page = await tx.uploads.parts(uploadId, { afterPartNumber: after, limit: PART_PAGE })
    for (const part of page) parts.set(part.partNumber, part)
    const last = page.at(-1)
    if (last === undefined || page.length < PART_PAGE) return parts
    after = last.partNumber
  }
}
