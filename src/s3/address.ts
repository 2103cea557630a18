import { s3Error } from '../errors.ts'
import { bytesToText, percentDecode } from './percent.ts'
import type { Address } from './request.ts'

/**
 * What a request's path and host name. A key is the decoded path behind the bucket, byte for byte: `+`, `//`, `.` and
 * `..` segments and a trailing slash mean themselves, `%2F` is a slash.
 * @param rawPath the path as sent, beginning with `/`
 * @param host the Host header's value, with or without a port
 * @param domains the host names below which the first labels are a bucket's name
 * @throws S3Error InvalidURI for broken percent-encoding, bytes that are no UTF-8, NUL, or a path without `/` in front
 */
export function parseAddress(rawPath: string, host: string | undefined, domains: readonly string[]): Address {
  if (rawPath.charCodeAt(0) !== SLASH) throw s3Error('InvalidURI', { URI: bytesToText(rawPath) })
  const bucket = host === undefined || domains.length === 0 ? undefined : bucketOfHost(host, domains)
  if (bucket !== undefined) {
    return { style: 'virtual-host', tenant: '', bucket, key: decodeKey(rawPath.slice(1)) }
  }
  if (rawPath.length === 1) return SERVICE
  const end = rawPath.indexOf('/', 1)
  const name = decode(end < 0 ? rawPath.slice(1) : rawPath.slice(1, end))
  const colon = name.indexOf(':')
  return {
    style: 'path',
    // Ceph's form for a bucket of another tenant: /tenant:bucket/key.
    tenant: colon < 0 ? '' : name.slice(0, colon),
    bucket: colon < 0 ? name : name.slice(colon + 1),
    key: end < 0 ? undefined : decodeKey(rawPath.slice(end + 1)),
  }
}

/** Ceph's entry point of its admin API, which takes the place of a bucket of this name. */
export const ADMIN_ENTRY = 'admin'

/** The address where the admin API is served: what would be the bucket `admin` is the API. */
export function withAdmin(address: Address): Address {
  const { style, tenant, bucket, key = '' } = address
  if (style !== 'path' || tenant !== '' || bucket !== ADMIN_ENTRY) return address
  return { ...SERVICE, admin: key.endsWith('/') ? key.slice(0, -1) : key }
}

/** The host names that this server knows. */
export interface KnownDomains {
  /** Below them the first labels are a bucket's name. */
  readonly domains: readonly string[]
  /** Below them they are the name of a bucket that is a website. */
  readonly websiteDomains: readonly string[]
}

/**
 * What a request to a website names; undefined if its host is below none of the websites' domains. Where one domain
 * lies below another, the longer one counts.
 * @throws S3Error as parseAddress
 */
export function parseWebsiteAddress(rawPath: string, host: string | undefined, known: KnownDomains) {
  if (host === undefined || known.websiteDomains.length === 0) return undefined
  const name = hostName(host)
  if (IP_LIKE.test(name)) return undefined
  const parent = longestDomain(name, known.websiteDomains)
  if (parent === '' || parent.length < longestDomain(name, known.domains).length) return undefined
  const bucket = name.slice(0, -parent.length - 1)
  return bucket === '' ? undefined : websiteAddress(rawPath, bucket)
}

/** @throws S3Error InvalidURI as parseAddress */
export function websiteAddress(rawPath: string, bucket: string): Address {
  if (rawPath.charCodeAt(0) !== SLASH) throw s3Error('InvalidURI', { URI: bytesToText(rawPath) })
  return { style: 'website', tenant: '', bucket, key: decodeKey(rawPath.slice(1)) }
}

/** All names that this server goes by. */
export interface OwnNames extends KnownDomains {
  /** Names and ports that clients have signed for. */
  readonly publicHosts: readonly string[]
}

/**
 * A host name that is none of ours and no address: a website's bucket may bear it. In lower case, without a port. A
 * public host is ours: whoever made a bucket of that name would else answer all unsigned requests to this server.
 */
export function foreignHost(host: string | undefined, known: OwnNames): string | undefined {
  if (host === undefined) return undefined
  const name = hostName(host)
  if (IP_LIKE.test(name)) return undefined
  if (longestDomain(name, known.domains) !== '' || longestDomain(name, known.websiteDomains) !== '') return undefined
  return known.publicHosts.some((one) => hostName(one) === name) ? undefined : name
}

/** The longest of these domains that is the name itself or a parent of it; empty if there is none. */
function longestDomain(name: string, domains: readonly string[]): string {
  let longest = ''
  for (const domain of domains) {
    const parent = domain.toLowerCase()
    if (parent.length <= longest.length || !name.endsWith(parent)) continue
    if (name.length === parent.length || name.at(-parent.length - 1) === '.') longest = parent
  }
  return longest
}

const SLASH = 0x2f
const SERVICE: Address = Object.freeze({ style: 'path', tenant: '', bucket: undefined, key: undefined })

function decodeKey(raw: string): string | undefined {
  return raw === '' ? undefined : decode(raw)
}

function decode(raw: string): string {
  const text = percentDecode(raw)
  // No engine, file name or XML document can carry it; Ceph 16.2 refuses it with 400 as well.
  if (text.includes('\0')) throw s3Error('InvalidURI', { URI: bytesToText(raw) })
  return text
}

/** Undefined where the host is none of the domains' children: an address, a domain itself, a name unknown to us. */
function bucketOfHost(host: string, domains: readonly string[]): string | undefined {
  const name = hostName(host)
  if (IP_LIKE.test(name)) return undefined
  let longest = ''
  for (const domain of domains) {
    const parent = domain.toLowerCase()
    if (name === parent) return undefined
    if (parent.length > longest.length && name.endsWith(parent) && name.at(-parent.length - 1) === '.') longest = parent
  }
  const bucket = name.slice(0, -longest.length - 1)
  return longest === '' || bucket === '' ? undefined : bucket
}

/** IPv4 in dots, or IPv6 in brackets. */
const IP_LIKE = /^(?:[0-9.]+|\[.*)$/

/** In lower case, without the port and the root's dot. */
function hostName(host: string): string {
  const name = host.trim().toLowerCase()
  if (name.startsWith('[')) return name
  const colon = name.indexOf(':')
  const bare = colon < 0 ? name : name.slice(0, colon)
  return bare.endsWith('.') ? bare.slice(0, -1) : bare
}
