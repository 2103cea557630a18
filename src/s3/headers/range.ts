import type { ByteRange } from '../../domain/bytes/range.ts'
import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

const RANGE = /^(\d*)-(\d*)$/

/**
 * The Range header. Of several ranges the first one counts and other units than bytes are ignored, as RGW does
 * (recorded: object.get.range_multi, range_unit_other).
 * @throws S3Error InvalidRange for bytes that are no range (recorded: range_junk; AWS ignores those)
 */
export function readRange(head: RequestHead): ByteRange | undefined {
  const value = head.headers.get('range')
  if (value === undefined || !/^bytes\s*=/i.test(value)) return undefined
  const [first = ''] = value.slice(value.indexOf('=') + 1).split(',', 1)
  const range = parseRange(first.trim())
  if (range === undefined) throw s3Error('InvalidRange', { RangeRequested: value })
  return range
}

/**
 * x-amz-copy-source-range: `bytes=first-last` and nothing else. Whether the source is long enough is the operation's to
 * check: S3 refuses a range that goes beyond its end instead of cutting it.
 * @throws S3Error InvalidArgument for any other form; InvalidRange for an open end, as RGW answers (recorded:
 *   range_open)
 */
export function readCopyRange(head: RequestHead): ByteRange | undefined {
  const name = 'x-amz-copy-source-range'
  const value = head.headers.get(name)
  if (value === undefined) return undefined
  const range = value.startsWith('bytes=') ? parseRange(value.slice('bytes='.length).trim()) : undefined
  const message = 'The x-amz-copy-source-range value must be of the form bytes=first-last.'
  if (range?.kind !== 'from')
    throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message })
  if (range.lastByte === undefined || range.lastByte < range.firstByte)
    throw s3Error('InvalidRange', { RangeRequested: value })
  return range
}

function parseRange(text: string): ByteRange | undefined {
  const [, first = '', last = ''] = RANGE.exec(text) ?? []
  if (first !== '')
    return { kind: 'from', firstByte: position(first), lastByte: last === '' ? undefined : position(last) }
  return last === '' ? undefined : { kind: 'suffix', lengthBytes: position(last) }
}

/** No object is longer than the largest exact number, so a greater position means the same. */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}
