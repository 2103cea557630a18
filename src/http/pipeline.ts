import type { TLSSocket } from 'node:tls'
import { type Authorization, authorize, authorizeEach } from '../domain/access/authorize.ts'
import type { Decision } from '../domain/access/facts.ts'
import type { Petition } from '../domain/access/hearing.ts'
import type { Permission } from '../domain/access/permissions.ts'
import { type Caller, callerId } from '../domain/accounts.ts'
import { Teller } from '../domain/notifications/teller.ts'
import type { Services } from '../domain/services.ts'
import type { GrantCheck } from '../domain/versions/locate.ts'
import { s3Error } from '../errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { AnyOperation, Body, Context } from '../operations/operation.ts'
import { type OperationName, statusOf } from '../s3/bindings.ts'
import type { BodyFacts } from '../s3/body-conditions.ts'
import type { Dialect } from '../s3/dialect.ts'
import { agreesToPay } from '../s3/headers/permissions.ts'
import { refuseUnserved } from '../s3/headers/refuse.ts'
import { type ConditionSources, HeadConditions } from '../s3/policy-conditions.ts'
import type { RequestHead } from '../s3/request.ts'
import { type HeadSettings, readHead } from '../s3/request-head.ts'
import { resolve } from '../s3/resolve.ts'
import { ANONYMOUS, type Authentication, type Authenticator } from '../s3/signature/authenticate.ts'
import { resolveAction } from '../s3/sns/resolve.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import { takeAction } from './action.ts'
import { type CorsHeaders, corsAnswer, findCorsAnswer, preflight, withCors } from './cors.ts'
import type { Exchange } from './exchange.ts'
import { takeForm } from './form.ts'
import { NO_PAYLOAD, takePayload } from './payload.ts'
import { logUnexpected, renderError, toS3Error } from './render-error.ts'
import { type Answer, reply } from './reply.ts'
import { asVisit, serveWebsite, siteOfHost } from './website.ts'

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
    const answer = await serve(parts, exchange)
    await reply(exchange, parts.dialect, withCors(answer, exchange.cors))
  } catch (cause) {
    await answerError(parts, exchange, cause)
  }
}

async function serve(parts: PipelineParts, exchange: Exchange): Promise<Answer> {
  const { services, dialect } = parts
  const sent = address(parts, exchange)
  exchange.head = sent
  if (sent.method === 'OPTIONS') return await preflight(parts, exchange, sent)
  const site = parts.headSettings.servesAdminOps === 'alone' ? undefined : siteOfHost(parts, sent)
  const visit = site === undefined ? sent : await asVisit(parts, sent, site)
  if (visit.address.style === 'website') {
    return await serveWebsite(parts, exchange, { head: visit, petition: visitorOf(parts, visit) })
  }
  const sender = parts.authenticator.authenticate(sent)
  exchange.caller = sender.caller
  exchange.authentication = sender
  // An action's name stands in its body.
  const action = await takeAction(exchange, { head: sent, authentication: sender })
  const name = action === undefined ? resolve(sent, dialect) : resolveAction(action)
  exchange.operation = name
  const operation = parts.served.get(name)
  if (operation === undefined) throw s3Error('NotImplemented', {}, { message: `${name} is not implemented` })
  exchange.bucket = sent.address.bucket
  const request = { head: action ?? sent, authentication: sender }
  // A form's key and its sender stand in its body.
  const form = operation.payload === 'form' ? await takeForm(parts, exchange, request) : undefined
  const { head, authentication } = form ?? request
  const { caller } = authentication
  // An action's parameters may have passwords in them: they are the operation's alone.
  if (action === undefined) exchange.head = head
  exchange.caller = caller
  exchange.authentication = authentication
  const { bucket: bucketName, tenant } = head.address
  const petition = petitionOf(parts, { head, caller, authentication, operation: name })
  const authorization = await authorize(services, {
    ...petition,
    permissions: operation.needs(head),
    bucket: bucketName === undefined ? undefined : { tenant, name: bucketName },
    expectedOwner: head.headers.get('x-amz-expected-bucket-owner'),
  })
  exchange.bucketRow = authorization.bucket
  exchange.cors = corsAnswer(head, authorization.bucket, dialect)
  logDecisions(parts.log, exchange, authorization.decisions)
  refuseUnserved(head)
  form?.checkPolicy()
  const { payload } = operation
  const read = form ?? (action === undefined ? undefined : NO_PAYLOAD)
  const { document, body } = read ?? (await takePayload(exchange, { head, authentication, payload }))
  const input = operation.read({ head, operation: name, dialect, document })
  const context = new RequestContext(parts, { exchange, head, authentication, petition, body, authorization })
  const output = await operation.run(context, input)
  await context.teller.pushed()
  const response = operation.write(output, context)
  const headers = authorization.isCharged ? [...(response.headers ?? []), CHARGED] : response.headers
  return { status: response.status ?? statusOf(name), headers, body: response.body }
}

/** Tells a requester that it was he who paid. */
const CHARGED = ['x-amz-request-charged', 'requester'] as const

/** Whoever nobody knows, and who reads: the visitors of a website. */
function visitorOf(parts: PipelineParts, head: RequestHead): Petition {
  const authentication = { version: undefined, presigned: false }
  return petitionOf(parts, { head, caller: ANONYMOUS, authentication, operation: 'GetObject' })
}

/** Who asks, and what the decision may want to know about the request. */
function petitionOf(parts: PipelineParts, sources: Omit<ConditionSources, 'nowMs'>): RequestPetition {
  const { dialect, services, authenticator } = parts
  const { head, caller } = sources
  const times = { nowMs: services.clock.now(), signatureNowMs: authenticator.clock.now() }
  const conditions = new HeadConditions({ ...sources, ...times })
  return { caller, rules: dialect.access, conditions, paysAsRequester: agreesToPay(head) }
}

interface RequestPetition extends Petition {
  readonly conditions: HeadConditions
}

function logDecisions(log: Logger, { requestId, operation }: Exchange, decisions: readonly Decision[]): void {
  if (!log.isLevelEnabled('debug')) return
  for (const { verdict, reason } of decisions) log.debug({ requestId, operation, verdict, reason }, 'decided')
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
    tlsVersion: 'getProtocol' in socket ? (socket as TLSSocket).getProtocol() : undefined,
  }
  return readHead(raw, headSettings)
}

interface RequestFacts {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly authentication: Authentication
  readonly petition: RequestPetition
  readonly body: Body
  readonly authorization: Authorization
}

/** A class, because a getter in an object literal costs every request several microseconds. */
class RequestContext implements Context {
  readonly services: Services
  readonly dialect: Dialect
  readonly head: RequestHead
  readonly authentication: Authentication
  readonly caller: Caller
  readonly body: Body
  readonly assertStillGranted: GrantCheck
  readonly teller: Teller
  readonly #exchange: Exchange
  readonly #bucket: BucketRow | undefined
  readonly #petition: RequestPetition
  readonly #log: Logger
  readonly #parts: PipelineParts

  constructor(parts: PipelineParts, { exchange, head, authentication, petition, body, authorization }: RequestFacts) {
    const { services, dialect, log } = parts
    this.services = services
    this.dialect = dialect
    this.head = head
    this.authentication = authentication
    this.caller = petition.caller
    this.body = body
    this.#petition = petition
    this.#log = log
    this.#parts = parts
    this.#exchange = exchange
    this.#bucket = authorization.bucket
    this.assertStillGranted = authorization.assertStillGranted
    const { requestId } = exchange
    this.teller = new Teller(services, {
      requesterId: callerId(this.caller),
      clientAddress: head.clientAddress,
      requestId,
    })
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

  readonly authorizeEach = async (permissions: readonly Permission[]): Promise<readonly Decision[]> => {
    const decisions = await authorizeEach(this.services, { ...this.#petition, permissions })
    logDecisions(this.#log, this.#exchange, decisions)
    return decisions
  }

  readonly authorizeAlso = async (permissions: readonly Permission[], as: 'caller' | 'stranger') => {
    const petition = as === 'caller' ? this.#petition : visitorOf(this.#parts, this.head)
    const { decisions, assertStillGranted } = await authorize(this.services, {
      ...petition,
      permissions,
      bucket: undefined,
    })
    logDecisions(this.#log, this.#exchange, decisions)
    return assertStillGranted
  }

  readonly authorizeBody = async (permissions: readonly Permission[], body: BodyFacts): Promise<void> => {
    const { conditions } = this.#petition
    // Most policies do not ask, and then nothing is left to decide.
    if (!conditions.askedPending) return
    const petition = { ...this.#petition, conditions: conditions.withBody(body) }
    const decisions = await authorizeEach(this.services, { ...petition, permissions })
    const denied = decisions.find(({ verdict }) => verdict === 'deny')
    if (denied !== undefined) throw s3Error('AccessDenied', {}, { reason: denied.reason })
    logDecisions(this.#log, this.#exchange, decisions)
  }
}

async function answerError(parts: PipelineParts, exchange: Exchange, cause: unknown): Promise<void> {
  const { dialect, log } = parts
  const { response } = exchange
  if (response.headersSent || exchange.aborted) {
    // Half an answer is on the wire, or nobody is there to read one: all that is left is to break off.
    if (!exchange.aborted || exchange.hasFailedBody) {
      logUnexpected(cause, exchange, log)
      exchange.errorCode = 'InternalError'
    }
    response.destroy()
    return
  }
  const error = toS3Error(cause, exchange, log)
  if (error.reason !== undefined) logDecisions(log, exchange, [{ verdict: 'deny', reason: error.reason }])
  exchange.errorCode = dialect.wireError(error).code
  try {
    const answer = renderError(error, exchange, dialect)
    await reply(exchange, dialect, withCors(answer, exchange.cors ?? (await corsOfFailure(parts, exchange))))
  } catch (second) {
    logUnexpected(second, exchange, log)
    response.destroy()
  }
}

/** A page must be able to read why it was refused. An error that finds no rules is still an answer. */
async function corsOfFailure(parts: PipelineParts, exchange: Exchange): Promise<CorsHeaders> {
  try {
    return await findCorsAnswer(parts, exchange)
  } catch (cause) {
    logUnexpected(cause, exchange, parts.log)
    return []
  }
}
