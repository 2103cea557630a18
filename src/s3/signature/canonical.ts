import { hash } from 'node:crypto'
import { percentDecode, textToBytes, uriEncode, uriEncodePath } from '../percent.ts'
import type { RequestHead } from '../request.ts'

// The canonical request of SigV4. All texts here are one character per byte.

/** Which of a request's readings a canonical request is made of. */
export interface Reading {
  readonly path: string
  /** Canonical already. */
  readonly query: string
  readonly host: string
  readonly payloadHash: string
}

/** @param signedHeaders the names as the client lists them: `host;x-amz-date` */
export function canonicalRequest(head: RequestHead, signedHeaders: string, reading: Reading): string {
  let text = `${head.method}\n${reading.path}\n${reading.query}\n`
  for (const name of signedHeaders.split(';')) {
    // A name that was not sent counts as empty: the signature then fails, as on Ceph 16.2 (recorded 403).
    text += `${name}:${name === 'host' ? reading.host : squeeze(head.headers.raw(name) ?? '')}\n`
  }
  return `${text}\n${signedHeaders}\n${reading.payloadHash}`
}

/** @returns lower-case hex */
export function sha256Hex(latin1: string): string {
  return hash('sha256', Buffer.from(latin1, 'latin1'), 'hex')
}

/** Runs of blanks count as one. Only ASCII blanks: a byte of a UTF-8 character may look like another. */
function squeeze(value: string): string {
  return value.includes('  ') || value.includes('\t') ? value.replace(/[ \t]+/g, ' ') : value
}

/**
 * The path as sent; then, for clients whose HTTP library encodes otherwise than their signer, decoded and encoded
 * again as S3 does it, which is all that Ceph tries.
 */
export function pathReadings(rawPath: string): readonly string[] {
  const encoded = textToBytes(uriEncodePath(percentDecode(rawPath)))
  return encoded === rawPath ? [rawPath] : [rawPath, encoded]
}

const PLAIN = /^[A-Za-z0-9\-._~]*$/

/**
 * The parameters sorted by their encoded names and values, without the signature.
 * @param leaveOut further names, as sent, to leave out
 * @param plus what a bare `+` stands for: most clients mean a space (Ceph reads it so), some a plus
 */
export function canonicalQuery(rawQuery: string, { leaveOut, plus }: QueryReading): string {
  if (rawQuery === '') return ''
  const pairs: { name: string; value: string }[] = []
  for (const piece of rawQuery.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = normalise(equals < 0 ? piece : piece.slice(0, equals), plus)
    if (name === 'X-Amz-Signature' || name === 'x-amz-signature' || name === leaveOut) continue
    pairs.push({ name, value: equals < 0 ? '' : normalise(piece.slice(equals + 1), plus) })
  }
  if (pairs.length > 1) pairs.sort(byNameAndValue)
  let text = ''
  for (const { name, value } of pairs) text += `${text === '' ? '' : '&'}${name}=${value}`
  return text
}

export interface QueryReading {
  readonly leaveOut: string | undefined
  readonly plus: '%20' | '%2B'
}

function normalise(raw: string, plus: string): string {
  if (PLAIN.test(raw)) return raw
  return uriEncode(percentDecode(raw.includes('+') ? raw.replaceAll('+', plus) : raw))
}

/** Encoded text is ASCII, so that comparing characters is comparing bytes. */
function byNameAndValue(a: { name: string; value: string }, b: { name: string; value: string }): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  if (a.value === b.value) return 0
  return a.value < b.value ? -1 : 1
}

/** The query's readings, the likely one first. */
export function queryReadings(rawQuery: string, presigned: boolean): readonly string[] {
  const readings = [canonicalQuery(rawQuery, { leaveOut: undefined, plus: '%20' })]
  if (rawQuery.includes('+')) readings.push(canonicalQuery(rawQuery, { leaveOut: undefined, plus: '%2B' }))
  // ZOS's manual appends image processing to a URL that is signed already.
  if (presigned && rawQuery.includes(APPENDED)) {
    readings.push(canonicalQuery(rawQuery, { leaveOut: APPENDED, plus: '%20' }))
  }
  return readings
}

const APPENDED = 'x-zos-process'

/**
 * Whether the parameter stands in the query, but not in what the signature covers: then it is from whoever holds the
 * URL, and not from who signed it.
 * @param canonical the query's reading that bears the signature
 */
export function isAppended({ query }: Pick<RequestHead, 'query'>, canonical: string): boolean {
  return query.has(APPENDED) && !`&${canonical}`.includes(`&${APPENDED}=`)
}
