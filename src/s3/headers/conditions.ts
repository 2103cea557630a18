import type { Conditions, ETagList } from '../../domain/objects/conditions.ts'
import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import type { RequestHead } from '../request.ts'
import { parseHttpDate } from './dates.ts'

/** What readers of conditions ask the dialect; without one, dates that cannot be read are ignored as RFC 9110 says. */
type DateRule = Pick<Dialect, 'refusesBadConditionDates'>

/**
 * The conditions of a read.
 * @throws S3Error InvalidArgument for a date that cannot be read, where the dialect refuses those
 */
export function readConditions(head: RequestHead, dialect?: DateRule): Conditions {
  return read((name) => head.headers.get(name), dialect)
}

/** The conditions on a copy's source: x-amz-copy-source-if-match and its three like. */
export function readCopyConditions(head: RequestHead, dialect?: DateRule): Conditions {
  return read((name) => head.headers.get(`x-amz-copy-source-${name}`), dialect)
}

/**
 * The conditions of a write or a delete. S3 knows no dates there.
 * @throws S3Error NotImplemented for ETags at If-None-Match, where the dialect's writes know `*` alone
 */
export function readWriteConditions(head: RequestHead, dialect?: Pick<Dialect, 'writesUnlessETag'>): Conditions {
  const conditions = read((name) => (name.endsWith('since') ? undefined : head.headers.get(name)), undefined)
  const { ifNoneMatch } = conditions
  if (dialect?.writesUnlessETag === false && ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw s3Error('NotImplemented', { Header: 'If-None-Match' })
  }
  return conditions
}

const NONE: Conditions = {}

function read(get: (name: string) => string | undefined, dialect: DateRule | undefined): Conditions {
  const ifMatch = get('if-match')
  const ifNoneMatch = get('if-none-match')
  const ifModifiedSince = get('if-modified-since')
  const ifUnmodifiedSince = get('if-unmodified-since')
  if ((ifMatch ?? ifNoneMatch ?? ifModifiedSince ?? ifUnmodifiedSince) === undefined) return NONE
  return {
    ifMatch: ifMatch === undefined ? undefined : parseETags(ifMatch),
    ifNoneMatch: ifNoneMatch === undefined ? undefined : parseETags(ifNoneMatch),
    ifModifiedSinceMs: parseDate(ifModifiedSince, dialect),
    ifUnmodifiedSinceMs: parseDate(ifUnmodifiedSince, dialect),
  }
}

/**
 * `*` or a list. Quotes may be missing, as from many S3 clients; a weak tag counts as its strong one, as S3 has no weak
 * ones.
 */
function parseETags(value: string): ETagList {
  if (value.trim() === '*') return '*'
  return value
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
    .filter((tag) => tag !== '')
}

function parseDate(value: string | undefined, dialect: DateRule | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = parseHttpDate(value)
  if (ms === undefined && dialect?.refusesBadConditionDates) throw s3Error('InvalidArgument', { ArgumentValue: value })
  return ms
}
