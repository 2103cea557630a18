/** The conditional headers of a request (or of a copy's source), parsed. RFC 9110 section 13. */
export interface Conditions {
  readonly ifMatch?: ETagList
  readonly ifNoneMatch?: ETagList
  readonly ifModifiedSinceMs?: number
  readonly ifUnmodifiedSinceMs?: number
}

/** `*`, or entity tags without their quotes. */
export type ETagList = '*' | readonly string[]

/** What of an object conditions are held against; undefined where there is none. */
export interface Validators {
  readonly etag: string
  readonly lastModifiedMs: number
}

export type Verdict = 'proceed' | 'not-modified' | 'failed'

/** A second: HTTP dates have no finer part, so an object counts as modified only from the next second on. */
const SECOND_MS = 1000

/** RFC 9110 section 13.2.2: the tags decide before the dates, and a date counts only where its tag header is absent. */
export function evaluate(conditions: Conditions, object: Validators | undefined): Verdict {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions
  if (ifMatch !== undefined) {
    if (object === undefined || !lists(ifMatch, object.etag)) return 'failed'
  } else if (ifUnmodifiedSinceMs !== undefined) {
    if (object === undefined || seconds(object.lastModifiedMs) > seconds(ifUnmodifiedSinceMs)) return 'failed'
  }
  if (ifNoneMatch !== undefined) {
    if (object !== undefined && lists(ifNoneMatch, object.etag)) return 'not-modified'
  } else if (ifModifiedSinceMs !== undefined && object !== undefined) {
    if (seconds(object.lastModifiedMs) <= seconds(ifModifiedSinceMs)) return 'not-modified'
  }
  return 'proceed'
}

function lists(list: ETagList, etag: string): boolean {
  return list === '*' || list.includes(etag)
}

function seconds(ms: number): number {
  return Math.floor(ms / SECOND_MS)
}
