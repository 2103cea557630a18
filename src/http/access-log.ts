import { callerId } from '../domain/accounts.ts'
import type { Logger } from '../lib/logger.ts'
import { redactText } from '../s3/redact.ts'
import type { Exchange } from './exchange.ts'

/** The one line that a request leaves. Neither target nor headers: signatures and keys stand there. */
export function logRequest(log: Logger, exchange: Exchange, durationMs: number): void {
  if (!log.isLevelEnabled('info')) return
  const line = {
    requestId: exchange.requestId,
    operation: exchange.operation,
    bucket: bucketOf(exchange),
    status: exchange.status,
    code: exchange.errorCode,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    durationMs: Math.round(durationMs * 100) / 100,
    callerId: exchange.caller === undefined ? undefined : callerId(exchange.caller),
    // The client left before the end of the answer.
    aborted: exchange.aborted ? true : undefined,
    key: log.isLevelEnabled('debug') ? keyOf(exchange) : undefined,
  }
  log.info(line, 'request')
}

/** A presigned URL whose `?` got encoded is one long key. */
function keyOf({ head }: Exchange): string | undefined {
  const key = head?.address.key
  return key === undefined ? undefined : redactText(key)
}

/** Ceph's oldest rule for names is the widest: 255 characters. */
const BUCKET_NAME = /^[\w.-]{1,255}$/

/** What cannot be a name is not logged: a presigned URL whose `?` got encoded is one long name, signature and all. */
function bucketOf({ head }: Exchange): string | undefined {
  const bucket = head?.address.bucket
  return bucket !== undefined && BUCKET_NAME.test(bucket) ? bucket : undefined
}
