import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../domain/accounts.ts'
import type { S3Error } from '../errors.ts'
import type { OperationName } from '../s3/bindings.ts'
import type { RequestHead } from '../s3/request.ts'
import type { WireResponse } from '../s3/response.ts'
import type { Authentication } from '../s3/signature/authenticate.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import type { CorsHeaders } from './cors.ts'
import { RequestBody } from './request-body.ts'

export interface ExchangeStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The request target as the client sent it. */
  readonly target: string
  readonly requestId: string
  /** Whether the client waits for 100 Continue before it sends its body. */
  readonly expectsContinue: boolean
}

/** nginx's number for a client that left before there was an answer. It is never sent. */
const CLIENT_GONE = 499

/** One request and its answer, with all that the log and the metrics want to know of it in the end. */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly target: string
  readonly requestId: string
  readonly startedAt = performance.now()
  /** Set as the pipeline gets to know them. */
  head: RequestHead | undefined
  authentication: Pick<Authentication, 'version' | 'presigned'> | undefined
  caller: Caller | undefined
  operation: OperationName | undefined
  /** The address's bucket, once the request has been resolved: error documents name it from then on. */
  bucket: string | undefined
  /** The bucket itself, once the request has been authorized for it. */
  bucketRow: BucketRow | undefined
  errorCode: string | undefined
  /** Whether it is one of SNS's actions, whose errors have a form of their own. */
  isAction = false
  /** Those that the operation sends, or the error, and when they were sent. */
  sentHeaders: WireResponse['headers']
  answeredAt: number | undefined
  /** What the answer says to pages of other origins, once that is known. */
  cors: CorsHeaders | undefined
  bytesOut = 0
  /** Whether the answer's body broke off by itself: a damaged chunk, and not a client that has left. */
  hasFailedBody = false
  /** Called when the body fails, for who waits for its end without reading it. */
  onBodyFailure: (() => void) | undefined
  #body: RequestBody | undefined
  #abort: AbortController | undefined
  #aborted = false
  #bodyFailure: S3Error | undefined
  #awaitsContinue: boolean

  constructor(start: ExchangeStart) {
    this.request = start.request
    this.response = start.response
    this.target = start.target
    this.requestId = start.requestId
    this.#awaitsContinue = start.expectsContinue
  }

  /** Aborted when the client is gone or the server stops. Made when first asked for: most requests never do. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#aborted) this.#abort.abort()
    return this.#abort.signal
  }

  get aborted(): boolean {
    return this.#aborted
  }

  abort(): void {
    this.#aborted = true
    this.#abort?.abort()
  }

  /** The status that was sent, for the log and the metrics. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : CLIENT_GONE
  }

  /** When all of the request was there. */
  get receivedAt(): number {
    return this.#body?.endedAt ?? this.startedAt
  }

  get bytesIn(): number {
    return this.#body?.receivedBytes ?? 0
  }

  /** Whether the request's head announced a body that has not been read to its end. */
  get hasUnreadBody(): boolean {
    if (this.request.complete) return false
    const { 'content-length': length, 'transfer-encoding': coding } = this.request.headers
    return coding !== undefined || (length !== undefined && length !== '0')
  }

  /** Whether the client still holds its body back. */
  get awaitsContinue(): boolean {
    return this.#awaitsContinue
  }

  /** Whether the answer's progress depends on the client's sending. */
  get waitsForClient(): boolean {
    return this.#body?.waitsForClient ?? false
  }

  /** Why no more of the body will come; the connection is of no further use then. */
  get bodyFailure(): S3Error | undefined {
    return this.#bodyFailure
  }

  /** The body as it comes over the wire; there is one, however often it is asked for. */
  body(): RequestBody {
    if (this.#body === undefined) {
      this.#body = new RequestBody(this.request, () => this.#letContinue())
      if (this.#bodyFailure !== undefined) this.#body.destroy(this.#bodyFailure)
    }
    return this.#body
  }

  /** The client broke off, or broke the framing, or fell silent: whoever reads the body hears of it as this error. */
  failBody(error: S3Error): void {
    this.#bodyFailure = error
    this.#body?.destroy(error)
    this.onBodyFailure?.()
  }

  /** Nobody reads the body any more: what is left of it flows past, or waits, by the request's own doing. */
  dropBody(): void {
    this.#body?.destroy()
  }

  #letContinue(): void {
    if (!this.#awaitsContinue) return
    this.#awaitsContinue = false
    this.response.writeContinue()
  }
}
