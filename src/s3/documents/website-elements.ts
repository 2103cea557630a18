import { type S3Error, s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { urlHost } from '../headers/location.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed } from './bucket-document.ts'

/** A key's limit, in bytes. */
const KEY_BYTES_MAX = 1024
/** A domain name's limit, and a port. */
const HOST_LENGTH_MAX = 253 + 6

/** The children that a WebsiteConfiguration's elements have in common, each read or refused. */

/**
 * What is not known would be forgotten, and what comes twice, too.
 * @throws S3Error malformed
 */
export function assertOnly(element: XmlElement, names: readonly string[], dialect: Dialect): void {
  const found = element.children().map(({ name }) => name)
  const isKnown = found.every((name) => names.includes(name)) && new Set(found).size === found.length
  if (!isKnown) throw malformed(dialect)
}

export function protocolOf(element: XmlElement, dialect: Dialect): 'http' | 'https' | undefined {
  const text = element.child('Protocol')?.text.trim()
  if (text === undefined || text === 'http' || text === 'https') return text
  const otherwise = 'If not defined the protocol will be selected automatically.'
  throw mistake(dialect, `Invalid protocol, protocol can be http or https. ${otherwise}`)
}

export function hostOf(element: XmlElement, dialect: Dialect): string | undefined {
  const text = element.child('HostName')?.text.trim()
  if (text === undefined) return undefined
  if (text.length > HOST_LENGTH_MAX || urlHost(text) === undefined) {
    throw mistake(dialect, 'The HostName is not a host name. To redirect within the same domain, it is left out.')
  }
  return text
}

/** An HTTP status. */
export function codeOf(element: XmlElement, name: string, dialect: Dialect): number | undefined {
  const text = element.child(name)?.text.trim()
  if (text === undefined) return undefined
  if (!/^\d{1,4}$/.test(text)) throw malformed(dialect)
  return Number(text)
}

/** A key or a part of one, in which white space counts. */
export function keyOf(element: XmlElement, name: string, dialect: Dialect): string | undefined {
  const text = element.child(name)?.text
  if (text !== undefined && Buffer.byteLength(text) > KEY_BYTES_MAX) {
    throw mistake(dialect, `The ${name} is longer than a key can be.`)
  }
  return text
}

/** The error for a value that cannot be. */
export function mistake(dialect: Dialect, message: string): S3Error {
  return s3Error(dialect.website.mistake, {}, { message })
}

/** Without the members that are undefined: they are not stored. */
export function defined<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}
