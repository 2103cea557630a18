import { Readable } from 'node:stream'
import { S3Error } from '../../errors.ts'
import type { BucketRow, LogRecordRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { AccessRules } from '../access/rules.ts'
import { commitReceived } from '../bytes/commit.ts'
import { NO_INTEGRITY } from '../bytes/integrity.ts'
import { type Received, receive } from '../bytes/receive.ts'
import { etagOf, infoOf, type Protection, settleProtection } from '../encryption/protection.ts'
import type { EncryptionRules } from '../encryption/rules.ts'
import { type Tell, Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { writeVersion } from '../versions/write.ts'
import { logAcl, logKey, openTarget } from './target.ts'

/** Lines of one log object: some thousands, which one transaction removes in some hundredths of a second. */
export const LOG_OBJECT_BYTES = 5 * 1024 * 1024
/** Records of one read: the event loop serves nobody else meanwhile. */
const PAGE_RECORDS = 1000

/** The provider's: who may write a log, and how objects are encrypted. */
export interface DeliveryRules {
  readonly access: AccessRules
  readonly encryption: EncryptionRules
}

export interface DeliveryOptions {
  readonly rules: DeliveryRules
  readonly signal: AbortSignal
}

/**
 * `none`: no records. `off`: the bucket has no log any more, and `refused`: the target is gone or takes nothing, for
 * the reason in `cause`; the records have been dropped.
 */
export type Delivery =
  | { readonly outcome: 'delivered' | 'none' | 'off' }
  | { readonly outcome: 'refused'; readonly cause: S3Error }

/** Delivers all records of a bucket's log that are stored or still to be; the outcome of the last of them. */
export async function deliverAll(services: Services, source: BucketRow, options: DeliveryOptions): Promise<Delivery> {
  await services.records.store(services.metadata)
  for (;;) {
    const delivery = await deliverLog(services, source, options)
    if (delivery.outcome !== 'delivered') return delivery
  }
}

/**
 * Makes one object of the oldest records of a bucket's log, as a PUT makes one: bytes first, then one transaction, in
 * which the records go. So each is delivered once, whoever delivers at the same time and whatever fails.
 * @throws S3Error ServiceUnavailable and whatever else is the store's fault; the records stay
 */
export async function deliverLog(
  services: Services,
  source: Pick<BucketRow, 'id' | 'tenant' | 'name'>,
  { rules, signal }: DeliveryOptions,
): Promise<Delivery> {
  const present = await services.metadata.read((tx) => tx.buckets.find(source))
  if (present?.id !== source.id) return { outcome: 'none' }
  const records = await oldestRecords(services, source.id)
  if (records.length === 0) return { outcome: 'none' }
  const { logging } = present.settings
  if (logging === undefined) {
    await drop(services, source.id)
    return { outcome: 'off' }
  }
  const key = logKey(services, logging)
  try {
    const target = await openTarget(services, { source: present, logging, key, rules: rules.access })
    const acl = logAcl(services, target, logging)
    const wish = { asked: undefined, bucketKeyEnabled: undefined, rules: rules.encryption }
    const protection = settleProtection(target.settings, wish)
    await putLog(services, { records, target, key, acl, protection, rules: rules.encryption }, signal)
    return { outcome: 'delivered' }
  } catch (cause) {
    if (cause instanceof OvertakenError) return { outcome: 'delivered' }
    if (!(cause instanceof S3Error) || cause.status >= 500) throw cause
    await drop(services, source.id)
    return { outcome: 'refused', cause }
  }
}

/** Somebody else has delivered these records meanwhile. */
class OvertakenError extends Error {}

async function oldestRecords({ metadata }: Services, bucketId: number): Promise<LogRecordRow[]> {
  const records: LogRecordRow[] = []
  let bytes = 0
  for (;;) {
    const afterId = records.at(-1)?.id ?? 0
    const page = await metadata.read((tx) => tx.logRecords.list({ bucketId, afterId, limit: PAGE_RECORDS }))
    for (const record of page) {
      bytes += Buffer.byteLength(record.line) + 1
      if (bytes > LOG_OBJECT_BYTES && records.length > 0) return records
      records.push(record)
    }
    if (page.length < PAGE_RECORDS) return records
  }
}

async function drop({ metadata }: Services, bucketId: number): Promise<void> {
  await metadata.write((tx) => tx.logRecords.remove({ bucketId, throughId: Number.MAX_SAFE_INTEGER }))
}

interface LogObject {
  readonly records: readonly LogRecordRow[]
  readonly target: BucketRow
  readonly key: string
  readonly acl: ReturnType<typeof logAcl>
  readonly protection: Protection | undefined
  readonly rules: EncryptionRules
}

async function putLog(services: Services, log: LogObject, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(log.records.map(({ line }) => `${line}\n`).join(''))
  const body = {
    stream: Readable.from([bytes], { objectMode: false }),
    sizeBytes: bytes.length,
    trailers: () => new Map(),
  }
  const received = await receive(services, body, {
    integrity: NO_INTEGRITY,
    signal,
    maxBytes: bytes.length,
    storageClass: log.target.storageClass,
    protection: log.protection,
  })
  await commitReceived(new Teller(services), received, (tx, tell) => commitLog(tx, { services, log, received, tell }))
}

async function commitLog(
  tx: WriteTransaction,
  { services, log, received, tell }: { services: Services; log: LogObject; received: Received; tell: Tell },
): Promise<void> {
  const [first, last] = [log.records[0], log.records.at(-1)]
  if (first === undefined || last === undefined) throw new OvertakenError()
  // 1. Nobody else has delivered the records.
  const { bucketId } = first
  const [oldest] = await tx.logRecords.list({ bucketId, afterId: 0, limit: 1 })
  if (oldest?.id !== first.id) throw new OvertakenError()
  // 2. The object is there if and only if they are gone.
  const { chunk, sizeBytes, md5 } = received
  await writeVersion(tx, {
    services,
    bucket: log.target,
    conditions: {},
    tell,
    kind: 'created:put',
    version: {
      key: log.key,
      kind: 'object',
      lastModifiedMs: services.clock.now(),
      ownerId: log.target.ownerId,
      sizeBytes,
      etag: etagOf(services.ids, md5, { protection: log.protection, rules: log.rules }),
      storageClass: log.target.storageClass,
      appends: 0,
      manifestId: chunk === undefined ? undefined : await tx.manifests.create([chunk]),
      checksum: undefined,
      partCount: 0,
      attributes: {
        contentType: 'text/plain',
        metadata: {},
        tags: [],
        acl: log.acl,
        encryption: infoOf(log.protection),
      },
    },
  })
  await tx.logRecords.remove({ bucketId, throughId: last.id })
}
