import type { TLSSocket } from 'node:tls'
import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import { type Caller, callerId } from '../domain/accounts.ts'
import { NO_SUCH_BUCKET } from '../domain/recording/usage-meter.ts'
import type { Services } from '../domain/services.ts'
import type { Logger } from '../lib/logger.ts'
import type { Dialect } from '../s3/dialect.ts'
import { logLine } from '../s3/log-line.ts'
import type { RequestHead } from '../s3/request.ts'
import { ANONYMOUS } from '../s3/signature/authenticate.ts'
import { usageCategory } from '../s3/usage-category.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import type { Exchange } from './exchange.ts'

interface RecordingParts {
  readonly services: Services
  readonly dialect: Dialect
  readonly log: Logger
}

/** An exchange that has ended, whose address could be read. */
interface Ended {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly durationMs: number
}

/**
 * Notes what an exchange has cost, and its line for the access log of its bucket. It is over: nothing here makes it
 * fail, or wait. What failed before its bucket was found is noted as well, and the store keeps buckets in memory.
 */
export function recordExchange(parts: RecordingParts, exchange: Exchange, durationMs: number): void {
  const { head, caller } = exchange
  if (head === undefined) return
  const ended = { exchange, head, durationMs }
  const { bucket: name, tenant } = head.address
  if (exchange.bucketRow !== undefined || name === undefined) {
    guarded(parts, () => record(parts, ended, exchange.bucketRow))
    return
  }
  const ref = bucketRefFor(caller ?? ANONYMOUS, { tenant, name })
  parts.services.metadata
    .read((tx) => tx.buckets.find(ref))
    .then((row) => guarded(parts, () => record(parts, ended, row)))
    // The store is closed, or cannot read: that is told where it matters.
    .catch(() => undefined)
}

function guarded({ log }: RecordingParts, note: () => void): void {
  try {
    note()
  } catch (cause) {
    log.error({ err: cause }, 'a request could not be recorded')
  }
}

function record(parts: RecordingParts, ended: Ended, bucket: BucketRow | undefined): void {
  const { records, clock } = parts.services
  const atMs = clock.now() - Math.round(ended.durationMs)
  countUsage(parts, { ...ended, atMs }, bucket)
  if (bucket?.settings.logging === undefined) return
  records.log.add({ bucketId: bucket.id, atMs, line: lineOf(parts, { ...ended, atMs }, bucket) })
}

interface Timed extends Ended {
  readonly atMs: number
}

function countUsage(
  { services }: RecordingParts,
  { exchange, head, atMs }: Timed,
  bucket: BucketRow | undefined,
): void {
  const { operation, caller, status, bytesIn, bytesOut } = exchange
  const category = operation === undefined ? undefined : usageCategory(operation)
  // Who could not say who he is costs nobody anything.
  if (category === undefined || caller === undefined) return
  const isSuccess = status >= 200 && status < 400
  services.records.usage.count({
    ownerId: bucket?.ownerId ?? callerId(caller),
    bucket: bucketName({ head, bucket, isSuccess }),
    atMs,
    category,
    bytesSent: bytesOut,
    bytesReceived: bytesIn,
    isSuccess,
  })
}

function bucketName(request: { head: RequestHead; bucket: BucketRow | undefined; isSuccess: boolean }): string {
  const name = request.head.address.bucket
  if (name === undefined) return ''
  // CreateBucket has just made it.
  return request.bucket?.name ?? (request.isSuccess ? name : NO_SUCH_BUCKET)
}

function lineOf({ dialect }: RecordingParts, { exchange, head, durationMs, atMs }: Timed, bucket: BucketRow): string {
  const { request, caller, answeredAt, authentication } = exchange
  const version = authentication?.version
  return logLine({
    head,
    httpVersion: request.httpVersion,
    bucket,
    atMs,
    requesterId: accountId(caller),
    requestId: exchange.requestId,
    hostId: dialect.hostId(),
    operation: exchange.operation,
    status: exchange.status,
    errorCode: exchange.errorCode,
    bytesSent: exchange.bytesOut,
    objectBytes: objectBytes(exchange),
    totalMs: durationMs,
    turnAroundMs: answeredAt === undefined ? undefined : Math.max(0, answeredAt - exchange.receivedAt),
    signature: version === undefined ? undefined : { version, presigned: authentication?.presigned === true },
    tls: tlsOf(exchange),
  })
}

function accountId(caller: Caller | undefined): string | undefined {
  return caller?.kind === 'account' ? caller.account.id : undefined
}

/** What was stored or asked for, as the headers tell it. */
function objectBytes({ operation, head, sentHeaders = [], status }: Exchange): number | undefined {
  switch (operation) {
    case 'GetObject':
    case 'HeadObject': {
      const sent = new Map(sentHeaders.map(([name, value]) => [name.toLowerCase(), value]))
      const whole = /\/(\d+)$/.exec(String(sent.get('content-range') ?? ''))?.[1]
      const length = whole ?? (status === 200 ? sent.get('content-length') : undefined)
      return length === undefined ? undefined : Number(length)
    }
    case 'PutObject':
    case 'UploadPart':
    case 'AppendObject': {
      const length = head?.headers.get('x-amz-decoded-content-length') ?? head?.headers.get('content-length')
      return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
    }
    default:
      return undefined
  }
}

function tlsOf({ request }: Exchange): { cipher: string; version: string } | undefined {
  if (!('encrypted' in request.socket)) return undefined
  const socket = request.socket as TLSSocket
  // Of a connection that is closed already there is nothing to be known.
  const [cipher, version] = [socket.getCipher()?.name, socket.getProtocol()]
  return cipher === undefined || version === null ? undefined : { cipher, version }
}
