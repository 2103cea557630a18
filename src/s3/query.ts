import { percentDecode } from './percent.ts'
import type { Query } from './request.ts'

type Entry = Query['entries'][number]

class ParsedQuery implements Query {
  readonly entries: readonly Entry[]

  constructor(entries: readonly Entry[]) {
    this.entries = entries
  }

  get(name: string): string | undefined {
    for (const entry of this.entries) if (entry.name === name) return entry.value ?? ''
    return undefined
  }

  has(name: string): boolean {
    for (const entry of this.entries) if (entry.name === name) return true
    return false
  }
}

const EMPTY: Query = Object.freeze(new ParsedQuery(Object.freeze([])))

/**
 * The parameters of a raw query string. `+` is a space in a query (Ceph's url_decode, and AWS), unlike in a path.
 * @throws S3Error InvalidURI for broken percent-encoding
 */
export function parseQuery(rawQuery: string): Query {
  if (rawQuery === '') return EMPTY
  const entries: Entry[] = []
  for (const piece of rawQuery.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    if (equals < 0) entries.push({ name: decode(piece), value: undefined })
    else entries.push({ name: decode(piece.slice(0, equals)), value: decode(piece.slice(equals + 1)) })
  }
  return new ParsedQuery(entries)
}

function decode(raw: string): string {
  return percentDecode(raw.includes('+') ? raw.replaceAll('+', ' ') : raw)
}
