import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import { matchCors } from '../domain/cors.ts'
import type { Services } from '../domain/services.ts'
import { s3Error } from '../errors.ts'
import type { Dialect } from '../s3/dialect.ts'
import { corsHeaders, readPreflight } from '../s3/headers/cors.ts'
import type { RequestHead } from '../s3/request.ts'
import type { HeaderValue } from '../s3/response.ts'
import { ANONYMOUS } from '../s3/signature/authenticate.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import type { Exchange } from './exchange.ts'
import type { Answer } from './reply.ts'

interface CorsParts {
  readonly services: Services
  readonly dialect: Dialect
}

export type CorsHeaders = readonly (readonly [name: string, value: HeaderValue])[]

const NONE: CorsHeaders = []
const VARY_ORIGIN: CorsHeaders = [['Vary', 'Origin']]

/**
 * Answers an OPTIONS request, which no browser signs and which is asked before the request that it is about: nothing of
 * that is looked at but the bucket's rules.
 * @throws S3Error MethodNotAllowed where no bucket is named, NoSuchBucket, and the dialect's for what is incomplete and
 *   for what no rule allows
 */
export async function preflight(parts: CorsParts, exchange: Exchange, head: RequestHead): Promise<Answer> {
  const { dialect } = parts
  const { bucket, key } = head.address
  if (bucket === undefined) throw s3Error('MethodNotAllowed', { Method: head.method, ResourceType: 'SERVICE' })
  exchange.bucket = bucket
  const request = readPreflight(head, dialect.cors)
  const row = await findBucket(parts, exchange, head)
  if (row === undefined) throw s3Error('NoSuchBucket', { BucketName: bucket })
  const rules = row.settings.cors
  const match = rules === undefined ? undefined : matchCors(rules, request)
  if (match !== undefined) return { status: 200, headers: corsHeaders(match, request, dialect) }
  const details = { Method: request.method, ResourceType: key === undefined ? 'BUCKET' : 'OBJECT' }
  throw s3Error(dialect.corsRefusal, details, { reason: 'no CORS rule of the bucket allows the request' })
}

/**
 * What an answer says to pages of other origins, by the rules that its bucket had when the request came: for a request
 * without Origin at most that the answer depends on it. Costs that request a look at one header.
 */
export function corsAnswer(head: RequestHead, bucket: BucketRow | undefined, dialect: Dialect): CorsHeaders {
  const rules = bucket?.settings.cors
  if (rules === undefined) return NONE
  const origin = head.headers.get('origin')
  const request = origin === undefined ? undefined : { origin, method: head.method, headers: [] }
  const match = request === undefined ? undefined : matchCors(rules, request)
  if (request !== undefined && match !== undefined) return corsHeaders(match, request, dialect)
  return dialect.cors.alwaysVaries ? VARY_ORIGIN : NONE
}

/** The same for a request that failed before its bucket was found, if it came from a page of another origin. */
export async function findCorsAnswer(parts: CorsParts, exchange: Exchange): Promise<CorsHeaders> {
  const { head } = exchange
  if (head === undefined || !head.headers.has('origin') || head.method === 'OPTIONS') return NONE
  return corsAnswer(head, await findBucket(parts, exchange, head), parts.dialect)
}

export function withCors(answer: Answer, cors: CorsHeaders | undefined): Answer {
  return cors === undefined || cors.length === 0 ? answer : { ...answer, headers: [...(answer.headers ?? []), ...cors] }
}

/** The store keeps buckets in memory. */
async function findBucket({ services }: CorsParts, { caller }: Exchange, head: RequestHead) {
  const { tenant, bucket: name } = head.address
  if (name === undefined) return undefined
  return services.metadata.read((tx) => tx.buckets.find(bucketRefFor(caller ?? ANONYMOUS, { tenant, name })))
}
