import type { OperationName } from './bindings.ts'
import { logOperation } from './log-operation.ts'
import { uriEncode, uriEncodePath } from './percent.ts'
import { redactTarget, redactText } from './redact.ts'
import type { RequestHead } from './request.ts'

/** What is known about a request when it has ended. Undefined is `-` in the line. */
export interface LoggedRequest {
  readonly head: RequestHead
  readonly httpVersion: string
  readonly bucket: { readonly name: string; readonly ownerId: string }
  /** When the request began. */
  readonly atMs: number
  /** The account that sent it; undefined for anonymous ones, and where the signature did not hold. */
  readonly requesterId: string | undefined
  readonly requestId: string
  readonly hostId: string | undefined
  readonly operation: OperationName | undefined
  readonly status: number
  readonly errorCode: string | undefined
  readonly bytesSent: number
  /** The whole object's size, whatever part of it was sent. */
  readonly objectBytes: number | undefined
  readonly totalMs: number
  /** From the request's last byte to the answer's first. */
  readonly turnAroundMs: number | undefined
  readonly signature: { readonly version: 'v2' | 'v4'; readonly presigned: boolean } | undefined
  readonly tls: { readonly cipher: string; readonly version: string } | undefined
}

/**
 * One line of AWS's server access log, without the line feed: S3 user guide, "Amazon S3 server access log format". The
 * secrets of a presigned URL are left out, where AWS leaves out its signature.
 */
export function logLine(request: LoggedRequest): string {
  const { head, bucket, status, tls } = request
  const { method, headers, address, query } = head
  return [
    bucket.ownerId,
    bucket.name,
    `[${logTime(request.atMs)}]`,
    head.clientAddress,
    request.requesterId ?? '-',
    request.requestId,
    logOperation({ method, address, operation: request.operation }),
    address.key === undefined ? '-' : redactText(uriEncodePath(address.key)),
    quoted(`${method} ${redactTarget(head.target)} HTTP/${request.httpVersion}`),
    status,
    request.errorCode ?? '-',
    request.bytesSent === 0 ? '-' : request.bytesSent,
    request.objectBytes ?? '-',
    Math.round(request.totalMs),
    request.turnAroundMs === undefined ? '-' : Math.round(request.turnAroundMs),
    quoted(redactText(headers.get('referer') ?? '-')),
    quoted(redactText(headers.get('user-agent') ?? '-')),
    word(query.get('versionId')),
    request.hostId ?? '-',
    ...signatureFields(request),
    word(headers.get('host')),
    tls?.version ?? '-',
    // The access point, and whether an ACL was needed: the one does not exist here, the other is not told.
    '-',
    '-',
  ].join(' ')
}

/** Version, cipher and kind of authentication, in this order. */
function signatureFields({ signature, tls }: LoggedRequest): readonly string[] {
  const cipher = tls?.cipher ?? '-'
  if (signature === undefined) return ['-', cipher, '-']
  return [signature.version === 'v4' ? 'SigV4' : 'SigV2', cipher, signature.presigned ? 'QueryString' : 'AuthHeader']
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `06/Feb/2019:00:00:38 +0000`. */
export function logTime(atMs: number): string {
  const date = new Date(atMs)
  const [day = '', time = ''] = [date.toISOString().slice(8, 10), date.toISOString().slice(11, 19)]
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const BREAKS_QUOTES = /["\x00-\x1f\x7f]/g

/** Whatever a client sends stays within its field: AWS's own examples of reading logs rely on that. */
function quoted(text: string): string {
  return `"${text.replace(BREAKS_QUOTES, uriEncode)}"`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const BREAKS_WORDS = /["\x00-\x20\x7f]/g

function word(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : text.replace(BREAKS_WORDS, uriEncode)
}
