import { isUtf8 } from 'node:buffer'
import { s3Error } from '../errors.ts'

// Node hands out the bytes of a request's head as text of one character per byte (latin1). These functions turn such
// text into what it means, and back into what is signed.

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is "every byte that is ASCII"
const ASCII = /^[\x00-\x7f]*$/

/** The bytes' UTF-8 text; the text as it is where the bytes are no UTF-8, as HTTP always allowed latin1 values. */
export function bytesToText(latin1: string): string {
  if (ASCII.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1
}

/** The UTF-8 bytes of a text, one character each: what goes beside raw header values into a string to sign. */
export function textToBytes(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/**
 * The text behind percent-encoding. Raw bytes above ASCII, which a client should have encoded, mean themselves.
 * @throws S3Error InvalidURI for a `%` without two hex digits and for bytes that are no UTF-8. A key is UTF-8 text in
 * S3's reference; Ceph 16.2 answers InvalidObjectName and SignatureDoesNotMatch here, both of which hide the cause.
 */
export function percentDecode(raw: string): string {
  if (!raw.includes('%') && ASCII.test(raw)) return raw
  try {
    return decodeURIComponent(ASCII.test(raw) ? raw : percentEncodeBytes(raw))
  } catch (cause) {
    throw s3Error('InvalidURI', { URI: bytesToText(raw) }, { cause })
  }
}

function percentEncodeBytes(latin1: string): string {
  return latin1.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
}

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/
/** What AWS's UriEncode encodes and encodeURIComponent leaves alone. */
const LEFT_ALONE = /[!'()*]/g

/** AWS's UriEncode: every byte but `A-Z a-z 0-9 - . _ ~` as `%XX` in upper case. */
export function uriEncode(text: string): string {
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text).replace(
    LEFT_ALONE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The same with `/` kept: how S3 encodes a path. */
export function uriEncodePath(path: string): string {
  return path.includes('/') ? path.split('/').map(uriEncode).join('/') : uriEncode(path)
}
