import type { AccessKey, Accounts, Caller } from '../../domain/accounts.ts'
import { s3Error } from '../../errors.ts'
import type { Clock } from '../../lib/clock.ts'
import type { FormFields } from '../form/fields.ts'
import type { RequestHead } from '../request.ts'
import { isAppended, type Reading } from './canonical.ts'
import { basicDate, isoSeconds, parseBasicDate, parseSignedDate } from './dates.ts'
import type { HmacKey } from './hmac.ts'
import { SigningKeys } from './keys.ts'
import { EMPTY_SHA256, type PayloadAuth, payloadAuth, UNSIGNED_PAYLOAD } from './payload-auth.ts'
import { formClaim, verifyFormV2, verifyFormV4 } from './post-claim.ts'
import { expired, refusedScheme, twoMechanisms, undated } from './refusals.ts'
import { type ClaimV2, headerClaimV2, queryClaimV2, verifyV2 } from './v2.ts'
import {
  ALGORITHM_V4,
  assertAmzSigned,
  type ClaimV4,
  headerClaim,
  presignParameter,
  queryClaim,
  scopeOf,
  verifyV4,
} from './v4.ts'

/** Who sent a request, and how its body is bound to that. */
export interface Authentication {
  readonly caller: Caller
  readonly payload: PayloadAuth
  readonly accessKey: string | undefined
  readonly version: 'v2' | 'v4' | undefined
  readonly presigned: boolean
  /** Whether whoever holds a presigned URL may have put x-zos-process into it: the signature does not cover it. */
  readonly appended: boolean
}

/** S3 refuses a request whose date is further away from the server's. */
const SKEW_MS_MAX = 15 * 60 * 1000
/** A presigned URL's longest life: seven days. */
const PRESIGN_SECONDS_MAX = 7 * 24 * 3600

export interface AuthenticatorOptions {
  readonly accounts: Accounts
  readonly clock: Clock
  /**
   * AWS refuses a presigned URL until fifteen minutes before its date; Ceph takes it (recorded).
   * Default: as Ceph does.
   */
  readonly refusesFutureUrls?: boolean
}

/** Finds the caller of a request from its head alone: SigV4 and SigV2, in the header or in the URL, or anonymous. */
export class Authenticator {
  /** What the dates of signatures are held against: the real time, wherever the domain's clock may be. */
  readonly clock: Clock
  readonly #accounts: Accounts
  readonly #refusesFutureUrls: boolean
  readonly #keys = new SigningKeys()
  #lastDate: SignedDate | undefined

  constructor({ accounts, clock, refusesFutureUrls = false }: AuthenticatorOptions) {
    this.#accounts = accounts
    this.clock = clock
    this.#refusesFutureUrls = refusesFutureUrls
  }

  /**
   * A suspended account is authenticated: whoever authorizes refuses it, and only who has its secret learns of it.
   * @throws S3Error SignatureDoesNotMatch, InvalidAccessKeyId, RequestTimeTooSkewed, AccessDenied for what is expired
   * or undated, InvalidArgument and AuthorizationHeaderMalformed for what cannot be read
   */
  authenticate(head: RequestHead): Authentication {
    const authorization = head.headers.raw('authorization') ?? ''
    const inQuery = signedQuery(head)
    const inHeader = schemeOf(authorization)
    if (inQuery === 'v4' || (inQuery === 'v2' && inHeader !== 'v4')) {
      if (inHeader === 'v4' || inHeader === 'v2') throw twoMechanisms()
      return inQuery === 'v4' ? this.#presignedV4(head) : this.#v2(head, queryClaimV2(head))
    }
    // SigV4 in the header covers the query, a stray SigV2 signature in it included: Ceph 16.2 takes it (recorded).
    if (inHeader === 'v4') return this.#headerV4(head, headerClaim(authorization))
    if (inHeader === 'v2') return this.#v2(head, headerClaimV2(authorization))
    if (inHeader !== 'none') throw refusedScheme(inHeader)
    return {
      caller: ANONYMOUS,
      payload: payloadAuth(head.headers.get('x-amz-content-sha256'), () => undefined),
      accessKey: undefined,
      version: undefined,
      presigned: false,
      appended: false,
    }
  }

  /**
   * Who signed the policy of a form; undefined for a form without a policy and a signature. Whether the policy is in
   * force and allows the form is checkPostPolicy's question.
   * @throws S3Error SignatureDoesNotMatch, InvalidAccessKeyId, and those of formClaim
   */
  authenticateForm(fields: FormFields): Omit<Authentication, 'payload'> | undefined {
    const claim = formClaim(fields)
    if (claim === undefined) return undefined
    const key = this.#key(claim.accessKey)
    if (claim.version === 'v2') {
      verifyFormV2(claim, this.#keys.v2(key))
    } else {
      const signingKey = this.#keys.v4(key, claim.scope)
      verifyFormV4(claim, signingKey)
      this.#keys.keepV4(key, claim.scope, signingKey)
    }
    return authenticated(key, claim.version)
  }

  #headerV4(head: RequestHead, claim: ClaimV4): Authentication {
    const key = this.#key(claim.accessKey)
    const { date } = this.#signedDate(head.headers.raw('x-amz-date') ?? head.headers.raw('date') ?? '')
    const declared = head.headers.raw('x-amz-content-sha256')
    const check = (payloadHash: string) =>
      this.#verifyV4({ head, claim, key, date, payloadHashes: [payloadHash] }).signingKey
    if (declared === undefined && claim.service !== 's3') return this.#undeclaredHash(head, key, check)
    const signingKey = check(declared ?? UNSIGNED_PAYLOAD)
    const payload = payloadOf({ claim, signingKey, date, declared })
    return { ...authenticated(key, 'v4'), payload }
  }

  /** A busy server's requests are signed in the same second: the last date is read once. */
  #signedDate(text: string): SignedDate {
    const signed = this.#lastDate?.text === text ? this.#lastDate : readSignedDate(text)
    this.#assertFresh(signed.atMs, text)
    this.#lastDate = signed
    return signed
  }

  /**
   * Services other than S3 sign the body's hash without sending it. A form posted to the service is read before
   * anything is done, so that it can be checked then; every other body is unsigned or empty.
   */
  #undeclaredHash(head: RequestHead, key: AccessKey, check: (payloadHash: string) => HmacKey): Authentication {
    const form = head.method === 'POST' && head.address.bucket === undefined && hasBody(head)
    if (form) return { ...authenticated(key, 'v4'), payload: { kind: 'body-hash-signed', verify: check } }
    check(hasBody(head) ? UNSIGNED_PAYLOAD : EMPTY_SHA256)
    return { ...authenticated(key, 'v4'), payload: { kind: 'unsigned' } }
  }

  #presignedV4(head: RequestHead): Authentication {
    const claim = queryClaim(head.query)
    const key = this.#key(claim.accessKey)
    const date = presignParameter(head.query, 'X-Amz-Date') ?? ''
    const atMs = parseBasicDate(date)
    if (atMs === undefined) {
      const message = 'X-Amz-Date must be in the format YYYYMMDDTHHMMSSZ'
      throw s3Error('AuthorizationQueryParametersError', {}, { message })
    }
    this.#assertInForce(head, atMs)
    const declared =
      head.headers.raw('x-amz-content-sha256') ??
      presignParameter(head.query, 'X-Amz-Content-Sha256') ??
      UNSIGNED_PAYLOAD
    const payloadHashes = declared === UNSIGNED_PAYLOAD ? [declared] : [declared, UNSIGNED_PAYLOAD]
    const { signingKey, reading } = this.#verifyV4({ head, claim, key, date, payloadHashes })
    return {
      ...authenticated(key, 'v4', true),
      payload: payloadOf({ claim, signingKey, date, declared }),
      appended: isAppended(head, reading.query),
    }
  }

  /**
   * @throws S3Error AuthorizationQueryParametersError for a life that S3 does not allow (AccessDenied on the wire of
   *   Ceph 16.2, as recorded); AccessDenied after its end
   */
  #assertInForce(head: RequestHead, atMs: number): void {
    const text = presignParameter(head.query, 'X-Amz-Expires') ?? ''
    const seconds = SECONDS.test(text) ? Number(text) : 0
    if (seconds < 1 || seconds > PRESIGN_SECONDS_MAX) {
      const message = `X-Amz-Expires must be a number of seconds from 1 to ${PRESIGN_SECONDS_MAX}`
      throw s3Error('AuthorizationQueryParametersError', { 'X-Amz-Expires': text }, { message })
    }
    const nowMs = this.clock.now()
    if (nowMs > atMs + seconds * 1000) throw expired({ untilMs: atMs + seconds * 1000, nowMs, seconds })
    if (this.#refusesFutureUrls && atMs - nowMs > SKEW_MS_MAX) {
      throw s3Error('AccessDenied', { ServerTime: isoSeconds(nowMs) }, { message: 'Request is not yet valid' })
    }
  }

  #v2(head: RequestHead, claim: ClaimV2): Authentication {
    const key = this.#key(claim.accessKey)
    const nowMs = this.clock.now()
    if (claim.expires === undefined) {
      const date = head.headers.raw('x-amz-date') ?? head.headers.raw('date') ?? ''
      const atMs = parseSignedDate(date)
      if (atMs === undefined) throw undated()
      this.#assertFresh(atMs, date)
    } else if (nowMs > Number(claim.expires) * 1000) {
      throw expired({ untilMs: Number(claim.expires) * 1000, nowMs })
    }
    verifyV2({ head, claim, key: this.#keys.v2(key) })
    const presigned = claim.expires !== undefined
    return {
      ...authenticated(key, 'v2', presigned),
      payload: payloadAuth(head.headers.get('x-amz-content-sha256'), () => undefined),
      // SigV2 never covers it.
      appended: presigned && isAppended(head, ''),
    }
  }

  #verifyV4(check: VerifyV4): { signingKey: HmacKey; reading: Reading } {
    const signingKey = this.#keys.v4(check.key, check.claim)
    const reading = verifyV4({ ...check, signingKey })
    assertSameDay(check.claim, check.date)
    assertAmzSigned(check.head, check.claim)
    this.#keys.keepV4(check.key, check.claim, signingKey)
    return { signingKey, reading }
  }

  #key(accessKey: string): AccessKey {
    const key = this.#accounts.key(accessKey)
    if (key === undefined) throw s3Error('InvalidAccessKeyId', { AWSAccessKeyId: accessKey })
    return key
  }

  #assertFresh(atMs: number, requestTime: string): void {
    const nowMs = this.clock.now()
    if (Math.abs(nowMs - atMs) <= SKEW_MS_MAX) return
    throw s3Error('RequestTimeTooSkewed', {
      RequestTime: requestTime,
      ServerTime: isoSeconds(nowMs),
      MaxAllowedSkewMilliseconds: SKEW_MS_MAX,
    })
  }
}

interface SignedDate {
  /** As the client sent it. */
  readonly text: string
  readonly atMs: number
  /** In the form that is signed. */
  readonly date: string
}

interface VerifyV4 {
  readonly head: RequestHead
  readonly claim: ClaimV4
  readonly key: AccessKey
  readonly date: string
  readonly payloadHashes: readonly string[]
}

export const ANONYMOUS: Caller = Object.freeze({ kind: 'anonymous' })
const SECONDS = /^\d{1,9}$/

function authenticated(key: AccessKey, version: 'v2' | 'v4', presigned = false): Omit<Authentication, 'payload'> {
  return { caller: callerOf(key), accessKey: key.accessKey, version, presigned, appended: false }
}

function callerOf({ account }: AccessKey): Caller {
  return { kind: 'account', account }
}

function readSignedDate(text: string): SignedDate {
  const atMs = parseSignedDate(text)
  if (atMs === undefined) throw undated()
  return { text, atMs, date: basicDate(atMs) }
}

/** Which signature a URL bears. A lone Signature is SigV2's with parts missing. */
function signedQuery({ query, rawQuery }: RequestHead): 'v4' | 'v2' | undefined {
  if (rawQuery === '') return undefined
  if (presignParameter(query, 'X-Amz-Algorithm') !== undefined) return 'v4'
  if (presignParameter(query, 'X-Amz-Signature') !== undefined) return 'v4'
  return query.has('AWSAccessKeyId') || query.has('Signature') ? 'v2' : undefined
}

/** Whether a request means to tell who sends it. */
export function isSigned(head: RequestHead): boolean {
  return head.headers.has('authorization') || signedQuery(head) !== undefined
}

type Scheme = 'v4' | 'v2' | 'bearer' | 'unknown' | 'none'

function schemeOf(authorization: string): Scheme {
  if (authorization === '') return 'none'
  if (authorization === ALGORITHM_V4 || authorization.startsWith(`${ALGORITHM_V4} `)) return 'v4'
  if (authorization === 'AWS' || authorization.startsWith('AWS ')) return 'v2'
  return /^bearer(?: |$)/i.test(authorization) ? 'bearer' : 'unknown'
}

/** One day's key must not sign for another. Looked at last: Ceph answers SignatureDoesNotMatch to a wrong scope. */
function assertSameDay({ day }: ClaimV4, date: string): void {
  if (date.startsWith(day)) return
  const message = `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`
  throw s3Error('AuthorizationHeaderMalformed', {}, { message })
}

function hasBody({ headers }: RequestHead): boolean {
  return headers.has('transfer-encoding') || (headers.raw('content-length') ?? '0') !== '0'
}

interface Verified {
  readonly claim: ClaimV4
  readonly signingKey: HmacKey
  readonly date: string
  readonly declared: string | undefined
}

function payloadOf({ claim, signingKey, date, declared }: Verified): PayloadAuth {
  return payloadAuth(declared, () => ({ signature: claim.signature, signingKey, scope: scopeOf(claim), date }))
}
