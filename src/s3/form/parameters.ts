import { bytesToText } from '../percent.ts'

/** A header value such as `form-data; name="file"; filename="a.txt"`. */
export interface Parameterized {
  /** What stands before the first semicolon, in lower case. */
  readonly value: string
  /** By name in lower case. Where a name comes twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/** A name; then a quoted text, in which only a quote is escaped, or a bare one. */
const PARAMETER = /;[ \t]*([^=;"\s]+)[ \t]*=[ \t]*(?:"((?:\\"|[^"])*)"|([^;"\s]*))[ \t]*/y

/**
 * Reads a Content-Type or Content-Disposition. A backslash means itself unless a quote follows: browsers send the path
 * of a file on Windows as it is (WHATWG's form encoding writes a quote as %22), other clients write `\"` for a quote.
 * RFC 5987's `filename*=utf-8''…`, which older Python clients send, wins over `filename`.
 * @param latin1 one character per byte
 * @returns undefined for what is not of this form
 */
export function parseParameters(latin1: string): Parameterized | undefined {
  const semicolon = latin1.indexOf(';')
  const value = (semicolon < 0 ? latin1 : latin1.slice(0, semicolon)).trim().toLowerCase()
  const plain = new Map<string, string>()
  const extended = new Map<string, string>()
  for (let at = semicolon < 0 ? latin1.length : semicolon; at < latin1.length; ) {
    PARAMETER.lastIndex = at
    const match = PARAMETER.exec(latin1)
    // A semicolon behind the last parameter separates it from nothing.
    if (match === null) return latin1.slice(at).trim() === ';' ? { value, parameters: plain } : undefined
    at = PARAMETER.lastIndex
    const [, rawName = '', quoted, bare = ''] = match
    const name = rawName.toLowerCase()
    const text = quoted === undefined ? bare : quoted.replaceAll('\\"', '"')
    if (name.endsWith('*')) {
      const decoded = decodeExtended(text)
      if (decoded === undefined) return undefined
      extended.set(name.slice(0, -1), decoded)
    } else if (!plain.has(name)) plain.set(name, bytesToText(text))
  }
  return { value, parameters: new Map([...plain, ...extended]) }
}

const EXTENDED = /^utf-8'[^']*'(.*)$/i

function decodeExtended(text: string): string | undefined {
  const encoded = EXTENDED.exec(text)?.[1]
  if (encoded === undefined) return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
