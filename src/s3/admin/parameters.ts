import { type Capabilities, parseCapabilities } from '../../config/capabilities.ts'
import { fullUserId } from '../../config/names.ts'
import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

// The parameters of the admin API. Ceph reads them so: RESTArgs in its rgw_rest.cc.

function invalid(name: string, value: string | undefined): Error {
  const problem = value === undefined ? 'is missing' : 'is not valid'
  const details = { ArgumentName: name, ...(value === undefined ? {} : { ArgumentValue: value }) }
  return s3Error('InvalidArgument', details, { message: `The parameter ${name} ${problem}` })
}

/** @throws S3Error InvalidArgument where it is missing or empty */
export function requiredText({ query }: RequestHead, name: string): string {
  const value = query.get(name)
  if (value === undefined || value === '') throw invalid(name, undefined)
  return value
}

/** Undefined where it is missing or empty: clients send every parameter that they know. */
export function optionalText({ query }: RequestHead, name: string): string | undefined {
  return query.get(name) || undefined
}

/** `true`, `True`, `1`, and the bare name. @throws S3Error InvalidArgument for another word */
export function flag({ query }: RequestHead, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === undefined) return undefined
  const word = value.toLowerCase()
  if (word === '' || word === 'true' || word === '1') return true
  if (word === 'false' || word === '0') return false
  throw invalid(name, value)
}

/** @throws S3Error InvalidArgument for what is no whole number */
export function wholeNumber(head: RequestHead, name: string): number | undefined {
  const value = optionalText(head, name)
  if (value === undefined) return undefined
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) throw invalid(name, value)
  return number
}

const SECOND_MS = 1000
const DATE = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.\d+)?Z?)?$/

/** `2012-09-25 16:00:00`, `2012-09-25`, or seconds since the epoch; in UTC. @throws S3Error InvalidArgument */
export function timeMs(head: RequestHead, name: string): number | undefined {
  const value = optionalText(head, name)
  if (value === undefined) return undefined
  if (/^\d{1,11}$/.test(value)) return Number(value) * SECOND_MS
  const [, day, time = '00:00:00'] = DATE.exec(value) ?? []
  const atMs = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`)
  if (Number.isNaN(atMs)) throw invalid(name, value)
  return atMs
}

/** A user's name as the API has it: `uid`, or `tenant$uid`. */
export interface NamedUser {
  readonly tenant: string
  readonly uid: string
  /** Both, as owners are named. */
  readonly id: string
}

/** @throws S3Error InvalidArgument without a uid, and where `tenant` says something else than the uid does */
export function namedUser(head: RequestHead): NamedUser {
  const text = requiredText(head, 'uid')
  const mark = text.indexOf('$')
  const own = mark < 0 ? '' : text.slice(0, mark)
  const named = optionalText(head, 'tenant')
  if (named !== undefined && own !== '' && own !== named) throw invalid('tenant', named)
  const tenant = named ?? own
  const uid = text.slice(mark + 1)
  return { tenant, uid, id: fullUserId({ tenant, uid }) }
}

/** @throws S3Error InvalidCapability */
export function capabilities(head: RequestHead): Capabilities | undefined {
  const text = optionalText(head, 'user-caps')
  if (text === undefined) return undefined
  const parsed = parseCapabilities(text)
  if (parsed === undefined) throw s3Error('InvalidCapability')
  return parsed
}

/** @throws S3Error InvalidArgument where they are missing; InvalidCapability */
export function requiredCapabilities(head: RequestHead): Capabilities {
  const parsed = capabilities(head)
  if (parsed === undefined) throw invalid('user-caps', undefined)
  return parsed
}

/** The number of buckets that a user may own; every negative number is -1, as in Ceph. */
export function maxBuckets(head: RequestHead): number | undefined {
  const number = wholeNumber(head, 'max-buckets')
  return number === undefined ? undefined : Math.max(-1, number)
}

/** What key a request wants made. */
export interface KeyParameters {
  readonly accessKey: string | undefined
  readonly secretKey: string | undefined
}

/**
 * The key that a request names in whole or in part, or wants generated; undefined where it wants none.
 * @throws S3Error InvalidKeyType; NotImplemented for Swift's
 */
export function keyParameters(head: RequestHead, { generates }: { generates: boolean }): KeyParameters | undefined {
  assertS3Key(head)
  const accessKey = optionalText(head, 'access-key')
  const secretKey = optionalText(head, 'secret-key')
  const isWanted = (flag(head, 'generate-key') ?? generates) || accessKey !== undefined || secretKey !== undefined
  return isWanted ? { accessKey, secretKey } : undefined
}

/** @throws S3Error InvalidKeyType; NotImplemented for Swift's, and for keys of subusers */
export function assertS3Key(head: RequestHead): void {
  const type = optionalText(head, 'key-type')
  if (type === 'swift') throw unserved('key-type=swift')
  if (type !== undefined && type !== 's3') throw s3Error('InvalidKeyType')
  if (optionalText(head, 'subuser') !== undefined) throw unserved('subuser')
}

/** What of a user Ceph knows and this server does not, each with the values that say nothing. */
const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  system: ['false', '0'],
  'account-root': ['false', '0'],
  'account-id': [],
  path: ['/'],
  'op-mask': ['*', 'read, write, delete', 'read,write,delete'],
  'default-placement': [],
  'default-storage-class': [],
  'placement-tags': [],
}

/** @throws S3Error NotImplemented naming the parameter */
export function refuseUnservedParameters(head: RequestHead): void {
  for (const [name, harmless] of Object.entries(UNSERVED)) {
    const value = optionalText(head, name)
    if (value !== undefined && !harmless.includes(value.toLowerCase())) throw unserved(name)
  }
}

export function unserved(what: string): Error {
  return s3Error('NotImplemented', {}, { message: `The parameter ${what} is not implemented` })
}
