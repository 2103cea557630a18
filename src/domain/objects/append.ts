import { createHash } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { combineCrc } from '../../lib/checksums.ts'
import type {
  BucketRow,
  Checksum,
  EncryptionInfo,
  NewVersion,
  ObjectAttributes,
  VersionRow,
} from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { ownerOf, owns } from '../access/facts.ts'
import { type Owned, settleObject } from '../access/settle.ts'
import { commitReceived } from '../bytes/commit.ts'
import { type Received, receive } from '../bytes/receive.ts'
import { appendedProtection } from '../encryption/key-check.ts'
import { infoOf, isSameProtection, type Protection, settleProtection } from '../encryption/protection.ts'
import { deletableAtMs, OBJECT_BYTES_MAX } from '../limits.ts'
import { assertLockable } from '../locks/guard.ts'
import { eventObject, type Tell } from '../notifications/teller.ts'
import { assertWithinQuota } from '../quota.ts'
import type { Services } from '../services.ts'
import { assertAnnounced } from '../versions/announced.ts'
import { assertConditions, NULL_VERSION, presentBucket } from '../versions/write.ts'
import { assertKey } from './key.ts'
import type { PutRequest } from './put.ts'

export interface AppendRequest extends Omit<PutRequest, 'kind'> {
  /** Where the piece goes: the object's present length. */
  readonly positionBytes: number
}

export interface Appended {
  readonly version: VersionRow
  /** MD5 of the piece alone, in hex: what the answer's ETag is. */
  readonly pieceMd5: string
  readonly pieceChecksum: Checksum | undefined
}

/**
 * Adds a piece at the end of an appendable object, or makes one at position 0. Attributes are those of the last append
 * (but see settleGrown), the storage class that of the first. Ceph's "Append Object" (doc/radosgw/s3/objectops.rst) and
 * recordings of 16.2.
 * @throws S3Error InvalidBucketState, ObjectNotAppendable, PositionNotEqualToLength, EntityTooLarge, QuotaExceeded,
 *   AccessDenied, those of the body
 */
export async function appendObject(services: Services, append: AppendRequest, signal: AbortSignal): Promise<Appended> {
  const { bucket, key, attributes } = append
  assertKey(key)
  assertLockable(bucket, attributes, services.clock.now())
  const owned = settleObject(services.accounts, append)
  await assertAnnounced(services, { bucket, key, sizeBytes: append.body.sizeBytes, as: 'piece' })
  const { protection, storageClass } = await placeFor(services, append)
  const received = await receive(services, append.body, {
    integrity: append.integrity,
    signal,
    maxBytes: services.limits.putBytesMax,
    storageClass,
    protection,
  })
  const encryption = infoOf(protection)
  const version = await commitReceived(append.teller, received, (tx, tell) =>
    appendPiece(tx, { services, append, owned, received, encryption, tell }),
  )
  return { version, pieceMd5: received.md5, pieceChecksum: received.checksum }
}

interface Piece {
  readonly services: Services
  readonly append: AppendRequest
  readonly owned: Owned
  readonly received: Received
  /** How the piece has been encrypted. */
  readonly encryption: EncryptionInfo | undefined
  readonly tell: Tell
}

/** All pieces of an object are encrypted as its first one was, and lie in the folder of its class. */
async function placeFor(
  { metadata }: Services,
  append: AppendRequest,
): Promise<{ protection: Protection | undefined; storageClass: string }> {
  const { bucket, key, encryption: wish } = append
  const old = await metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key }))
  const { settings } = bucket
  const storageClass = old?.storageClass ?? append.storageClass ?? bucket.storageClass
  const protection =
    old === undefined ? settleProtection(settings, wish) : appendedProtection(old.attributes.encryption, settings, wish)
  return { protection, storageClass }
}

async function appendPiece(tx: WriteTransaction, piece: Piece): Promise<VersionRow> {
  const { services, append, owned, received, encryption } = piece
  // 1. The bucket keeps no versions, and the piece begins where the object ends.
  const bucket = await presentBucket(tx, append.bucket)
  if (bucket.versioning !== 'off') throw s3Error('InvalidBucketState')
  const old = await tx.versions.latest({ bucketId: bucket.id, key: append.key })
  assertConditions(append.conditions, old, append.ifMatchOnMissing)
  assertAppendable(old, append.positionBytes)
  // Somebody has put another object there meanwhile, which the piece would not be of a piece with.
  if (old !== undefined && !isSameProtection(old.attributes.encryption, encryption)) throw s3Error('OperationAborted')
  const given = settleGrown(bucket, old, { append, owned })
  const sizeBytes = append.positionBytes + received.sizeBytes
  if (sizeBytes > OBJECT_BYTES_MAX) throw s3Error('EntityTooLarge', { MaxSizeAllowed: OBJECT_BYTES_MAX })
  await assertWithinQuota(tx, { services, bucket, version: { kind: 'object', sizeBytes }, replaced: old })
  // 2. The new row takes over the old one's manifest, grown by the piece.
  const version: NewVersion = {
    bucketId: bucket.id,
    key: append.key,
    versionId: NULL_VERSION,
    kind: 'object',
    lastModifiedMs: services.clock.now(),
    ownerId: given.ownerId,
    sizeBytes,
    etag: old === undefined ? received.md5 : chainEtag(old, received.md5),
    storageClass: old?.storageClass ?? append.storageClass ?? bucket.storageClass,
    appends: (old?.appends ?? 0) + 1,
    manifestId: await grow(tx, old?.manifestId, received),
    checksum: old === undefined ? received.checksum : chainChecksum(old, received),
    partCount: 0,
    attributes: { ...append.attributes, acl: given.acl, tags: given.tags, encryption },
  }
  const row =
    old === undefined
      ? await tx.versions.insert(version)
      : await tx.versions.replace(old, version, deletableAtMs(services))
  // 3. The event tells of the piece alone (recorded: http.append_2).
  const object = { ...eventObject(bucket, row), sizeBytes: received.sizeBytes, etag: received.md5 }
  await piece.tell({ bucket, kind: 'created:put', object, atMs: row.lastModifiedMs })
  return row
}

/**
 * Whom the grown object belongs to, and what decides who may read it. The last append says so, as in RGW, where it is
 * the owner's. A stranger who may write must not come to read by that what was there before: RGW hands the object over
 * to whoever adds to it.
 * @throws S3Error AccessDenied for a stranger who gives an ACL or tags
 */
function settleGrown(
  bucket: BucketRow,
  old: VersionRow | undefined,
  { append, owned }: Pick<Piece, 'append' | 'owned'>,
): Owned & Pick<ObjectAttributes, 'tags'> {
  const { caller, attributes } = append
  const given = { ...owned, tags: attributes.tags }
  if (old === undefined) return given
  const { ownerId } = old
  const { acl, tags } = old.attributes
  const isRoot = caller.kind === 'account' && caller.account.isRoot
  if (isRoot || owns(caller, ownerOf({ ownerId, acl }, bucket))) return given
  if (attributes.acl === undefined && attributes.tags.length === 0) return { ownerId, acl, tags }
  const reason = 'the object that grows is not the caller’s: it keeps its ACL and its tags'
  throw s3Error('AccessDenied', {}, { reason })
}

function assertAppendable(old: VersionRow | undefined, positionBytes: number): void {
  if (old?.appends === 0) throw s3Error('ObjectNotAppendable')
  const lengthBytes = old?.sizeBytes ?? 0
  if (positionBytes === lengthBytes) return
  throw s3Error('PositionNotEqualToLength', {}, { headers: { 'x-rgw-next-append-position': String(lengthBytes) } })
}

async function grow(
  tx: WriteTransaction,
  manifestId: number | undefined,
  { chunk }: Received,
): Promise<number | undefined> {
  if (chunk === undefined) return manifestId
  return manifestId === undefined ? await tx.manifests.create([chunk]) : await tx.manifests.append(manifestId, chunk)
}

/** RGW's chained tag: the MD5 of the last chain's and the piece's MD5, with the number of appends. */
function chainEtag(old: VersionRow, pieceMd5: string): string {
  const [chain = ''] = old.etag.split('-')
  const md5 = createHash('md5').update(Buffer.from(chain, 'hex')).update(Buffer.from(pieceMd5, 'hex')).digest('hex')
  return `${md5}-${old.appends + 1}`
}

/** CRCs of two runs of bytes make the CRC of both; other checksums do not, and the grown object has none. */
function chainChecksum(old: VersionRow, piece: Received): Checksum | undefined {
  const before = old.checksum
  const after = piece.checksum
  if (before === undefined || after === undefined || before.algorithm !== after.algorithm) return undefined
  if (before.type !== 'FULL_OBJECT' || before.algorithm === 'SHA1' || before.algorithm === 'SHA256') return undefined
  const value = combineCrc(before.algorithm, [
    { value: before.value, sizeBytes: old.sizeBytes },
    { value: after.value, sizeBytes: piece.sizeBytes },
  ])
  return { algorithm: before.algorithm, value, type: 'FULL_OBJECT' }
}
