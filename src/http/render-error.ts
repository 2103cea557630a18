import { S3Error, s3Error } from '../errors.ts'
import type { Logger } from '../lib/logger.ts'
import { wantsXml } from '../s3/admin/value.ts'
import type { Dialect, ErrorContext } from '../s3/dialect.ts'
import { topicErrorDocument } from '../s3/documents/topics.ts'
import type { RequestHead } from '../s3/request.ts'
import { errorPage } from './error-page.ts'
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
  const request = {
    requestId: exchange.requestId,
    bucket: exchange.bucket,
    key: exchange.bucket === undefined ? undefined : exchange.head?.address.key,
    resource: exchange.head?.rawPath ?? exchange.target.split('?', 1)[0] ?? '/',
  }
  if (exchange.head?.address.admin !== undefined)
    return renderAdminError(error, { head: exchange.head, request, dialect })
  if (exchange.isAction && dialect.topics.wrapsErrors) {
    const body = topicErrorDocument(error, dialect.events.requestId(exchange.requestId))
    return { status, headers: [...own, ['Content-Type', 'application/xml']], body }
  }
  const isVisit = exchange.head?.address.style === 'website'
  const body = isVisit ? errorPage(error, request, dialect) : dialect.errorDocument(error, request)
  // RGW bears this header on errors of every kind.
  const ranges = dialect.rgwExtensions ? [['Accept-Ranges', 'bytes'] as const] : []
  return {
    status,
    headers: [...own, ...ranges, ['Content-Type', isVisit ? dialect.errorPage.type : 'application/xml']],
    body,
  }
}

/** Recorded: admin.user_missing. */
function renderAdminError(
  error: S3Error,
  { head, request, dialect }: { head: RequestHead; request: ErrorContext; dialect: Dialect },
): Answer {
  const { status } = dialect.wireError(error)
  const ranges = ['Accept-Ranges', 'bytes'] as const
  if (wantsXml(head)) {
    const headers = [ranges, ['Content-Type', 'application/xml'] as const]
    return { status, headers, body: dialect.errorDocument(error, request) }
  }
  const items = new Map(dialect.errorItems(error, request))
  const body = ['Code', 'Message', 'RequestId', 'HostId'].map((name) => [name, items.get(name) ?? ''])
  const headers = [ranges, ['Content-Type', 'application/json'] as const]
  return { status, headers, body: JSON.stringify(Object.fromEntries(body)) }
}
