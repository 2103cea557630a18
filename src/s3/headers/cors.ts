import type { CorsMatch, CorsRequest } from '../../domain/cors.ts'
import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import type { RequestHead } from '../request.ts'
import type { HeaderValue } from '../response.ts'

/** How a dialect answers a page of another origin. */
export interface CorsAnswers {
  /**
   * Whether a rule for the origin `*` is answered with `*`, as on AWS. RGW answers with the origin itself (recorded:
   * cors.preflight.star).
   */
  readonly namesAnyOrigin: boolean
  /** Whether origins that are let in by name may send credentials. RGW never says so. */
  readonly allowsCredentials: boolean
  /** Whether all methods of the rule are told, as on AWS. RGW tells the one that was asked for. */
  readonly tellsAllMethods: boolean
  /** What stands between the names of a list. */
  readonly separator: ',' | ', '
  /** What Vary says beside the headers of a rule. */
  readonly varies: string
  /**
   * Whether answers that no rule matched vary by Origin as well, where the bucket has rules: a cache that kept one
   * would hand it to a page that a rule does let in (Fetch, "CORS protocol and HTTP caches"). RGW does not say so.
   */
  readonly alwaysVaries: boolean
  /** What a preflight request is told that lacks one of its two headers. */
  readonly incomplete: 'BadRequest' | 'InvalidArgument'
}

/** Of one request: S3's own headers are about sixty, a form of many metadata fields has some hundred. */
const ANNOUNCED_HEADERS_MAX = 1000

/**
 * What a preflight request asks for. An announced header list of `a,,b` or with a comma at its end is read as RFC 9110
 * section 5.6.1 asks.
 * @throws S3Error BadRequest or InvalidArgument without Origin or Access-Control-Request-Method
 */
export function readPreflight(head: RequestHead, { incomplete }: CorsAnswers): CorsRequest {
  const origin = head.headers.get('origin')
  const method = head.headers.get('access-control-request-method')
  if (origin === undefined) {
    throw s3Error(incomplete, {}, { message: 'Insufficient information. Origin request header needed.' })
  }
  if (method === undefined) {
    throw s3Error(incomplete, {}, { message: 'Invalid Access-Control-Request-Method: null' })
  }
  const announced = head.headers.get('access-control-request-headers') ?? ''
  const headers = announced
    .split(',', ANNOUNCED_HEADERS_MAX + 1)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (headers.length > ANNOUNCED_HEADERS_MAX) throw s3Error(incomplete)
  return { origin, method, headers }
}

/** The headers that a matched rule gives an answer, in RGW's order (recorded: cors.preflight.ok, cors.actual.get). */
export function corsHeaders({ rule, anyOrigin }: CorsMatch, request: CorsRequest, dialect: Dialect) {
  const { namesAnyOrigin, allowsCredentials, tellsAllMethods, separator, varies } = dialect.cors
  const isPublic = namesAnyOrigin && anyOrigin
  const methods = tellsAllMethods ? rule.allowedMethods : [request.method]
  const list = (names: readonly string[]): HeaderValue => (names.length === 0 ? undefined : names.join(separator))
  return [
    ['Access-Control-Allow-Origin', isPublic ? '*' : request.origin],
    ['Vary', varies],
    ['Access-Control-Allow-Methods', list(methods)],
    ['Access-Control-Allow-Headers', list(request.headers)],
    ['Access-Control-Expose-Headers', list(rule.exposeHeaders)],
    ['Access-Control-Max-Age', rule.maxAgeSeconds],
    ['Access-Control-Allow-Credentials', allowsCredentials && !isPublic ? 'true' : undefined],
  ] as const satisfies readonly (readonly [string, HeaderValue])[]
}
