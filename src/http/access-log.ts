import { callerId } from '../domain/accounts.ts'
import type { Logger } from '../lib/logger.ts'
import type { Exchange } from './exchange.ts'

/** The one line that a request leaves. Neither target nor headers: signatures and keys stand there. */
export function logRequest(log: Logger, exchange: Exchange, durationMs: number): void {
  if (!log.isLevelEnabled('info')) return
  const line = {
    requestId: exchange.requestId,
    operation: exchange.operation,
    bucket: exchange.head?.address.bucket,
    status: exchange.status,
    code: exchange.errorCode,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    durationMs: Math.round(durationMs * 100) / 100,
    callerId: exchange.caller === undefined ? undefined : callerId(exchange.caller),
    // The client left before the end of the answer.
    aborted: exchange.aborted ? true : undefined,
    key: log.isLevelEnabled('debug') ? exchange.head?.address.key : undefined,
  }
  log.info(line, 'request')
}
