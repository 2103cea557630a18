import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import type { RequestConditions } from '../domain/access/conditions.ts'
import { type Account, ANONYMOUS_ID, type Caller } from '../domain/accounts.ts'
import type { Tag } from '../storage/metadata/rows.ts'
import type { OperationName } from './bindings.ts'
import {
  type BodyFacts,
  isToldByBody,
  lockValue,
  REQUEST_TAG,
  REQUEST_TAG_KEYS,
  remainingDays,
} from './body-conditions.ts'
import { readCopySource } from './headers/copy-source.ts'
import { parseIsoDate } from './headers/dates.ts'
import { readDirective } from './headers/directives.ts'
import { decodeTagging } from './headers/tagging.ts'
import type { RequestHead } from './request.ts'
import type { Authentication } from './signature/authenticate.ts'
import { parseSignedDate } from './signature/dates.ts'
import { presignParameter } from './signature/v4.ts'

export interface ConditionSources {
  /** That of the PUT that a form stands for, where the request is one. */
  readonly head: RequestHead
  readonly operation: OperationName
  readonly caller: Caller
  readonly authentication: Pick<Authentication, 'version' | 'presigned'>
  readonly nowMs: number
  /** The time that signatures are held against, where it is another one. */
  readonly signatureNowMs?: number
}

/**
 * What policies may ask about a request. Nothing is read before a policy asks for it, and a key has a value only where
 * its operation means something by it: else a caller could meet a condition of a listing by adding `?prefix=` to
 * another request. Which keys there are is domain/access/policy/condition-keys.ts.
 */
export class HeadConditions implements RequestConditions {
  readonly #sources: ConditionSources
  readonly #body: BodyFacts | undefined
  #askedPending = false

  /** @param body what the body says, once it has been read */
  constructor(sources: ConditionSources, body?: BodyFacts) {
    this.#sources = sources
    this.#body = body
  }

  get(key: string): readonly string[] | undefined {
    if (key === REQUEST_TAG_KEYS) return values(this.#requestTags()?.map((tag) => tag.key))
    if (key.startsWith(REQUEST_TAG)) return values(this.#requestTag(key.slice(REQUEST_TAG.length)))
    if (isToldByBody(this.#sources.operation, key)) return values(this.#told(key))
    return Object.hasOwn(VALUES, key) ? values(VALUES[key]?.(this.#sources)) : undefined
  }

  isPending(key: string): boolean {
    if (this.#body !== undefined || !isToldByBody(this.#sources.operation, key)) return false
    this.#askedPending = true
    return true
  }

  /** Whether some policy has asked for what only the body tells. */
  get askedPending(): boolean {
    return this.#askedPending
  }

  withBody(body: BodyFacts): HeadConditions {
    return new HeadConditions(this.#sources, body)
  }

  #told(key: string): string | undefined {
    return this.#body === undefined ? undefined : lockValue(key, { body: this.#body, nowMs: this.#sources.nowMs })
  }

  #requestTag(name: string): string[] | undefined {
    return this.#requestTags()
      ?.filter((tag) => tag.key === name)
      .map((tag) => tag.value)
  }

  #requestTags(): readonly Tag[] | undefined {
    if (this.#body !== undefined) return this.#body.tags
    const { head, operation } = this.#sources
    // Such a copy has the tags of its source, whatever its header says.
    if (COPYING.has(operation) && readDirective(head, 'x-amz-tagging-directive') === 'COPY') return undefined
    const header = writtenHeader(head, 'x-amz-tagging')
    return header === undefined ? undefined : decodeTagging(header)
  }
}

function values(found: string | readonly string[] | undefined): readonly string[] | undefined {
  if (typeof found === 'string') return [found]
  return found === undefined || found.length === 0 ? undefined : found
}

type Reading = (sources: ConditionSources) => string | readonly string[] | undefined

const LISTINGS: ReadonlySet<OperationName> = new Set([
  'ListObjects',
  'ListObjectsV2',
  'ListObjectVersions',
  'ListMultipartUploads',
])

/** What they make has the tags of another object, unless the request says otherwise. */
const COPYING: ReadonlySet<OperationName> = new Set(['CopyObject', 'ProcessObject'])

const SECOND_MS = 1000

/** Keys in lower case. Sources: IAM's global condition keys, and "Condition keys for Amazon S3". */
const VALUES: Readonly<Record<string, Reading>> = {
  'aws:currenttime': ({ nowMs }) => new Date(nowMs).toISOString(),
  'aws:epochtime': ({ nowMs }) => String(Math.floor(nowMs / SECOND_MS)),
  'aws:principalaccount': ofAccount(({ tenant, id }) => (tenant === '' ? id : tenant)),
  'aws:principalarn': ofAccount(({ tenant, uid }) => `arn:aws:iam::${tenant}:user/${uid}`),
  'aws:principalisawsservice': () => 'false',
  'aws:principaltype': ({ caller }) => principalType(caller),
  'aws:referer': sent('referer'),
  'aws:securetransport': ({ head }) => String(head.protocol === 'https'),
  'aws:sourceip': ({ head }) => head.clientAddress,
  'aws:useragent': sent('user-agent'),
  'aws:userid': ({ caller }) => (caller.kind === 'account' ? caller.account.id : ANONYMOUS_ID),
  'aws:username': ofAccount(({ uid }) => uid),
  'aws:viaawsservice': () => 'false',
  's3:authtype': authType,
  's3:delimiter': listed('delimiter'),
  's3:if-match': written('if-match'),
  's3:if-none-match': written('if-none-match'),
  's3:max-keys': listed('max-keys'),
  's3:object-lock-legal-hold': written('x-amz-object-lock-legal-hold'),
  's3:object-lock-mode': written('x-amz-object-lock-mode'),
  's3:object-lock-remaining-retention-days': retentionDays,
  's3:object-lock-retain-until-date': written('x-amz-object-lock-retain-until-date'),
  's3:prefix': listed('prefix'),
  's3:signatureage': signatureAge,
  's3:signatureversion': ({ authentication: { version } }) =>
    version === 'v4' ? 'AWS4-HMAC-SHA256' : version === 'v2' ? 'AWS' : undefined,
  's3:tlsversion': ({ head }) => head.tlsVersion,
  's3:x-amz-acl': written('x-amz-acl'),
  's3:x-amz-content-sha256': sent('x-amz-content-sha256'),
  's3:x-amz-copy-source': copySource,
  's3:x-amz-grant-full-control': written('x-amz-grant-full-control'),
  's3:x-amz-grant-read': written('x-amz-grant-read'),
  's3:x-amz-grant-read-acp': written('x-amz-grant-read-acp'),
  's3:x-amz-grant-write': written('x-amz-grant-write'),
  's3:x-amz-grant-write-acp': written('x-amz-grant-write-acp'),
  's3:x-amz-metadata-directive': written('x-amz-metadata-directive'),
  's3:x-amz-object-ownership': written('x-amz-object-ownership'),
  's3:x-amz-server-side-encryption': written('x-amz-server-side-encryption'),
  's3:x-amz-server-side-encryption-aws-kms-key-id': written('x-amz-server-side-encryption-aws-kms-key-id'),
  's3:x-amz-server-side-encryption-customer-algorithm': written('x-amz-server-side-encryption-customer-algorithm'),
  's3:x-amz-storage-class': written('x-amz-storage-class'),
  's3:x-amz-website-redirect-location': written('x-amz-website-redirect-location'),
}

function sent(header: string): Reading {
  return ({ head }) => head.headers.get(header)
}

function written(header: string): Reading {
  return ({ head }) => writtenHeader(head, header)
}

/** A header that says what is to be stored. With a read it says nothing. */
function writtenHeader({ method, headers }: RequestHead, name: string): string | undefined {
  return method === 'PUT' || method === 'POST' ? headers.get(name) : undefined
}

function listed(parameter: string): Reading {
  return ({ head, operation }) => (LISTINGS.has(operation) ? head.query.get(parameter) : undefined)
}

function ofAccount(read: (account: Account) => string): Reading {
  return ({ caller }) => (caller.kind === 'account' ? read(caller.account) : undefined)
}

function principalType(caller: Caller): string {
  if (caller.kind === 'anonymous') return 'Anonymous'
  return caller.account.isRoot ? 'Account' : 'User'
}

/**
 * As AWS's examples write it, `bucket/key`, and as many clients send it. Neither form passes by the other's rule. A
 * bucket of another tenant than the copy's goes by Ceph's name for it alone: it may bear the name of one that is meant.
 */
function copySource({ head, caller }: ConditionSources): readonly string[] | undefined {
  if (head.method !== 'PUT' || !head.headers.has('x-amz-copy-source')) return undefined
  const source = readCopySource(head)
  const { tenant, name } = bucketRefFor(caller, { tenant: source.tenant, name: source.bucket })
  const copy = bucketRefFor(caller, { tenant: head.address.tenant, name: '' })
  const path = `${tenant === copy.tenant ? name : `${tenant}:${name}`}/${source.key}`
  return [path, `/${path}`]
}

function authType({ operation, authentication: { version, presigned } }: ConditionSources): string | undefined {
  if (version === undefined) return undefined
  if (operation === 'PostObject') return 'POST'
  return presigned ? 'REST-QUERY-STRING' : 'REST-HEADER'
}

/** Milliseconds since a SigV4 request was signed; 0 for SigV2, as AWS documents ("SigV4 specific policy keys"). */
function signatureAge(sources: ConditionSources): string | undefined {
  const { head, authentication, nowMs, signatureNowMs = nowMs } = sources
  if (authentication.version === 'v2') return '0'
  if (authentication.version === undefined) return undefined
  const { query, headers } = head
  const date = presignParameter(query, 'X-Amz-Date') ?? headers.raw('x-amz-date') ?? headers.raw('date') ?? ''
  const atMs = parseSignedDate(date)
  return atMs === undefined ? undefined : String(Math.max(0, signatureNowMs - atMs))
}

function retentionDays({ head, nowMs }: ConditionSources): string | undefined {
  const untilMs = parseIsoDate(writtenHeader(head, 'x-amz-object-lock-retain-until-date') ?? '')
  return untilMs === undefined ? undefined : remainingDays(untilMs, nowMs)
}
