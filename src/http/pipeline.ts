import { authorize } from '../domain/access/authorize.ts'
import type { Caller } from '../domain/accounts.ts'
import type { Services } from '../domain/services.ts'
import { s3Error } from '../errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { AnyOperation, Body, Context } from '../operations/operation.ts'
import { BINDINGS, type OperationName } from '../s3/bindings.ts'
import type { Dialect } from '../s3/dialect.ts'
import { refuseUnserved } from '../s3/headers/refuse.ts'
import type { RequestHead } from '../s3/request.ts'
import { type HeadSettings, readHead } from '../s3/request-head.ts'
import { resolve } from '../s3/resolve.ts'
import type { Authenticator } from '../s3/signature/authenticate.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import type { Exchange } from './exchange.ts'
import { takePayload } from './payload.ts'
import { logUnexpected, renderError, toS3Error } from './render-error.ts'
import { type Answer, reply } from './reply.ts'

export interface PipelineParts {
  readonly services: Services
  readonly dialect: Dialect
  readonly authenticator: Authenticator
  readonly served: ReadonlyMap<OperationName, AnyOperation>
  readonly headSettings: HeadSettings
  readonly log: Logger
}

/**
 * Header fields of one request. Node's parser bounds their bytes; so many of them are no client's need but an attempt
 * to make the server busy.
 */
export const HEADER_FIELDS_MAX = 256

/** A request's way: address → authenticate → resolve → authorize → payload → serve → reply. Never rejects. */
export async function handle(parts: PipelineParts, exchange: Exchange): Promise<void> {
  try {
    await reply(exchange, parts.dialect, await serve(parts, exchange))
  } catch (cause) {
    await answerError(parts, exchange, cause)
  }
}

async function serve(parts: PipelineParts, exchange: Exchange): Promise<Answer> {
  const { services, dialect } = parts
  const head = address(parts, exchange)
  exchange.head = head
  const authentication = parts.authenticator.authenticate(head)
  const { caller } = authentication
  exchange.caller = caller
  const name = resolve(head)
  exchange.operation = name
  const operation = parts.served.get(name)
  if (operation === undefined) throw s3Error('NotImplemented', {}, { message: `${name} is not implemented` })
  exchange.bucket = head.address.bucket
  const { bucket: bucketName, tenant } = head.address
  const authorization = await authorize(services, {
    caller,
    permissions: operation.needs(head),
    bucket: bucketName === undefined ? undefined : { tenant, name: bucketName },
    expectedOwner: head.headers.get('x-amz-expected-bucket-owner'),
  })
  refuseUnserved(head)
  const { document, body } = await takePayload(exchange, { head, authentication, payload: operation.payload })
  const input = operation.read({ head, operation: name, dialect, document })
  const context = new RequestContext(parts, { exchange, head, caller, body, bucket: authorization.bucket })
  const response = operation.write(await operation.run(context, input), context)
  return { status: response.status ?? BINDINGS[name].status, headers: response.headers, body: response.body }
}

function address({ headSettings }: PipelineParts, { request, target }: Exchange): RequestHead {
  if (request.rawHeaders.length > 2 * HEADER_FIELDS_MAX) throw s3Error('RequestHeaderSectionTooLarge')
  const { socket } = request
  const raw = {
    method: request.method ?? '',
    target,
    rawHeaders: request.rawHeaders,
    remoteAddress: socket.remoteAddress ?? '',
    encrypted: 'encrypted' in socket,
  }
  return readHead(raw, headSettings)
}

interface RequestFacts {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly caller: Caller
  readonly body: Body
  readonly bucket: BucketRow | undefined
}

/** A class, because a getter in an object literal costs every request several microseconds. */
class RequestContext implements Context {
  readonly services: Services
  readonly dialect: Dialect
  readonly head: RequestHead
  readonly caller: Caller
  readonly body: Body
  readonly #exchange: Exchange
  readonly #bucket: BucketRow | undefined

  constructor({ services, dialect }: PipelineParts, { exchange, head, caller, body, bucket }: RequestFacts) {
    this.services = services
    this.dialect = dialect
    this.head = head
    this.caller = caller
    this.body = body
    this.#exchange = exchange
    this.#bucket = bucket
  }

  get requestId(): string {
    return this.#exchange.requestId
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  /** Bound, because operations take it out of their context. */
  readonly bucket = (): BucketRow => {
    if (this.#bucket === undefined) throw s3Error('NoSuchBucket')
    return this.#bucket
  }
}

async function answerError({ dialect, log }: PipelineParts, exchange: Exchange, cause: unknown): Promise<void> {
  const { response } = exchange
  if (response.headersSent || exchange.aborted) {
    // Half an answer is on the wire, or nobody is there to read one: all that is left is to break off.
    if (!exchange.aborted) {
      logUnexpected(cause, exchange, log)
      exchange.errorCode = 'InternalError'
    }
    response.destroy()
    return
  }
  const error = toS3Error(cause, exchange, log)
  exchange.errorCode = dialect.wireError(error).code
  try {
    await reply(exchange, dialect, renderError(error, exchange, dialect))
  } catch (second) {
    logUnexpected(second, exchange, log)
    response.destroy()
  }
}
