import { s3Error } from '../errors.ts'
import { type KnownDomains, type OwnNames, parseAddress, parseWebsiteAddress, withAdmin } from './address.ts'
import { clientAddress } from './client-address.ts'
import { bytesToText } from './percent.ts'
import { parseQuery } from './query.ts'
import type { Address, Query, RequestHead, RequestHeaders } from './request.ts'

/** What Node's HTTP server knows of a request. */
export interface RawHead {
  readonly method: string
  /** The request target as sent. */
  readonly target: string
  /** Names and values in turn, one character per byte. */
  readonly rawHeaders: readonly string[]
  readonly remoteAddress: string
  /** Whether the connection is TLS. */
  readonly encrypted: boolean
  /** `TLSv1.3` */
  readonly tlsVersion?: string | null | undefined
}

export interface HeadSettings extends OwnNames {
  /** Whether the X-Forwarded-* headers of this peer are believed. */
  readonly trustedProxies: (address: string) => boolean
  /** Whether Ceph's admin API stands at /admin, and whether anything else does. */
  readonly servesAdminOps?: 'beside-s3' | 'alone' | undefined
}

/** @throws S3Error InvalidURI, and BadRequest for two Host headers */
export function readHead(raw: RawHead, settings: HeadSettings): RequestHead {
  const { path, authority } = splitTarget(raw.target)
  const mark = path.indexOf('?')
  const rawPath = mark < 0 ? path : path.slice(0, mark)
  const rawQuery = mark < 0 ? '' : path.slice(mark + 1)
  const query = parseQuery(rawQuery)
  const headers = new WireHeaders(raw.rawHeaders, hoist(query))
  const sent = headers.raw('host')
  const forwarded = forwardedBy(headers, settings.trustedProxies(raw.remoteAddress))
  // RFC 9112, 3.2.2: the authority of an absolute target replaces the Host header.
  const host = forwarded.host ?? authority ?? sent
  const address = addressAt(rawPath, host, settings)
  const hosts = hostsOf([sent, authority, forwarded.host], settings.publicHosts)
  return {
    method: raw.method,
    target: raw.target,
    rawPath,
    rawQuery,
    query,
    headers,
    address: settings.servesAdminOps !== undefined ? withAdmin(address) : address,
    remoteAddress: raw.remoteAddress,
    clientAddress: clientAddress(raw.remoteAddress, headers.raw('x-forwarded-for'), settings.trustedProxies),
    tlsVersion: raw.tlsVersion?.match(/\d\.\d/)?.[0],
    protocol: (forwarded.protocol ?? raw.encrypted) ? 'https' : 'http',
    host,
    hosts: hosts.filter((one) => one === host || isSamePlace(addressAt(rawPath, one, settings), address)),
  }
}

/** Header fields that stand in no request's head. @param pairs names and values in turn, one character per byte */
export function readHeaders(pairs: readonly string[]): RequestHeaders {
  return new WireHeaders(pairs, undefined)
}

/** Node passes an absolute target (`GET http://host/path`) on as it is. */
function splitTarget(target: string): { path: string; authority: string | undefined } {
  if (target.charCodeAt(0) === SLASH) return { path: target, authority: undefined }
  const absolute = ABSOLUTE.exec(target)
  if (absolute === null) throw s3Error('InvalidURI', { URI: bytesToText(target) })
  const rest = target.slice(absolute[0].length)
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority: absolute[1] }
}

const SLASH = 0x2f
const ABSOLUTE = /^https?:\/\/([^/?#@]+)/i

function addressAt(rawPath: string, host: string | undefined, settings: KnownDomains): Address {
  return parseWebsiteAddress(rawPath, host, settings) ?? parseAddress(rawPath, host, settings.domains)
}

/**
 * Whether two hosts name the same thing by one path. SigV4 signs host and path as they are sent: a signature made for
 * a host below which the path names another bucket's object is none for this one.
 */
function isSamePlace(one: Address, other: Address): boolean {
  return one.style === other.style && one.bucket === other.bucket && one.key === other.key
}

function hostsOf(sent: readonly (string | undefined)[], configured: readonly string[]): readonly string[] {
  const hosts: string[] = []
  for (const host of sent) if (host !== undefined && !hosts.includes(host)) hosts.push(host)
  for (const host of configured) if (!hosts.includes(host)) hosts.push(host)
  return hosts
}

interface Forwarded {
  readonly host: string | undefined
  /** Whether the client spoke TLS to the proxy. */
  readonly protocol: boolean | undefined
}

const NOT_FORWARDED: Forwarded = { host: undefined, protocol: undefined }

/** Every proxy of a chain appends; the first value is what the client spoke to. */
function forwardedBy(headers: RequestHeaders, trusted: boolean): Forwarded {
  if (!trusted) return NOT_FORWARDED
  const host = headers.raw('x-forwarded-host')?.split(',', 1)[0]?.trim()
  const protocol = headers.raw('x-forwarded-proto')?.split(',', 1)[0]?.trim().toLowerCase()
  return { host: host === '' ? undefined : host, protocol: protocol === undefined ? undefined : protocol === 'https' }
}

/** A presigned URL's own parameters: they are no headers. In lower case, as Ceph compares them. */
const OF_THE_SIGNATURE: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'x-amz-content-sha256',
])

/**
 * The headers that a signer has moved into a presigned URL, as botocore and AWS's JavaScript presigner do with every
 * `x-amz-*` header. The signature covers them: SigV4 signs all of the query, and signature/v2.ts puts all of these
 * into its string. Without a signature in the query there are none.
 */
function hoist(query: Query): ReadonlyMap<string, string> | undefined {
  if (query.entries.length === 0) return undefined
  if (!(query.has('X-Amz-Signature') || query.has('x-amz-signature') || query.has('Signature'))) return undefined
  const hoisted = new Map<string, string>()
  for (const { name, value = '' } of query.entries) {
    const lower = name.toLowerCase()
    if (!lower.startsWith('x-amz-') || OF_THE_SIGNATURE.has(lower)) continue
    const before = hoisted.get(lower)
    hoisted.set(lower, before === undefined ? value.trim() : `${before},${value.trim()}`)
  }
  return hoisted.size === 0 ? undefined : hoisted
}

class WireHeaders implements RequestHeaders {
  readonly #pairs: readonly string[]
  readonly #byName = new Map<string, string>()
  readonly hoisted: ReadonlyMap<string, string> | undefined

  constructor(pairs: readonly string[], hoisted: ReadonlyMap<string, string> | undefined) {
    this.#pairs = pairs
    this.hoisted = hoisted
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const name = (pairs[index] ?? '').toLowerCase()
      const value = trimBlanks(pairs[index + 1] ?? '')
      const before = this.#byName.get(name)
      // Two hosts would let a proxy and this server see two different buckets (RFC 9112, 3.2).
      if (before !== undefined && name === 'host') throw s3Error('BadRequest', {}, { message: 'Two Host headers' })
      this.#byName.set(name, before === undefined ? value : `${before},${value}`)
    }
  }

  raw(name: string): string | undefined {
    return this.#byName.get(name)
  }

  get(name: string): string | undefined {
    const hoisted = this.hoisted?.get(name)
    if (hoisted !== undefined) return hoisted
    const value = this.#byName.get(name)
    return value === undefined ? undefined : bytesToText(value)
  }

  has(name: string): boolean {
    return this.#byName.has(name) || this.hoisted?.has(name) === true
  }

  get entries(): readonly { readonly name: string; readonly value: string }[] {
    const entries: { name: string; value: string }[] = []
    for (let index = 0; index + 1 < this.#pairs.length; index += 2) {
      const name = (this.#pairs[index] ?? '').toLowerCase()
      if (this.hoisted?.has(name) === true) continue
      entries.push({ name, value: bytesToText(trimBlanks(this.#pairs[index + 1] ?? '')) })
    }
    for (const [name, value] of this.hoisted ?? []) entries.push({ name, value })
    return entries
  }
}

/** Not String.trim: it would take U+00A0, which may be the last byte of a UTF-8 character. */
function trimBlanks(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start += 1
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
  return end - start === value.length ? value : value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
