import { S3Error, s3Error } from '../errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Dialect } from '../s3/dialect.ts'
import type { Exchange } from './exchange.ts'
import type { Answer } from './reply.ts'

/**
 * The error a client is told of. Whatever is not the client's mistake is logged here, with its cause, and only here.
 */
export function toS3Error(cause: unknown, exchange: Exchange, log: Logger): S3Error {
  // Why the body broke off is the reason of whatever failed because of it.
  if (exchange.bodyFailure !== undefined) return exchange.bodyFailure
  if (cause instanceof S3Error) {
    if (cause.status >= 500 && cause.cause !== undefined) logUnexpected(cause.cause, exchange, log)
    return cause
  }
  if (!exchange.aborted) logUnexpected(cause, exchange, log)
  return s3Error('InternalError', {}, { cause })
}

export function logUnexpected(cause: unknown, exchange: Exchange, log: Logger): void {
  log.error({ requestId: exchange.requestId, operation: exchange.operation, err: cause }, 'a request failed')
}

/** The one place where errors become responses. */
export function renderError(error: S3Error, exchange: Exchange, dialect: Dialect): Answer {
  const own = Object.entries(error.headers)
  const { status } = dialect.wireError(error)
  // A 304 has no body, so it says nothing about one either.
  if (status === 304) return { status, headers: own }
  const body = dialect.errorDocument(error, {
    requestId: exchange.requestId,
    bucket: exchange.bucket,
    key: exchange.bucket === undefined ? undefined : exchange.head?.address.key,
    resource: exchange.head?.rawPath ?? exchange.target.split('?', 1)[0] ?? '/',
  })
  // RGW bears this header on errors of every kind.
  const ranges = dialect.rgwExtensions ? [['Accept-Ranges', 'bytes'] as const] : []
  return { status, headers: [...own, ...ranges, ['Content-Type', 'application/xml']], body }
}
