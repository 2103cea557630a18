import { PART_NUMBER_MAX } from '../../domain/limits.ts'
import type { Selected, Selection } from '../../domain/objects/select.ts'
import { s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'
import type { HeaderValue } from '../response.ts'
import { readRange } from './range.ts'

/**
 * Which bytes a GET or HEAD asks for: all, a Range, or a part by its number.
 * @throws S3Error InvalidRange, InvalidArgument for a number that no part can have, InvalidRequest for both at once
 */
export function readSelection(head: RequestHead): Selection {
  const range = readRange(head)
  const text = head.query.get('partNumber')
  if (text === undefined) return range === undefined ? { kind: 'whole' } : { kind: 'range', range }
  if (range !== undefined) {
    const message = 'Cannot specify both Range header and partNumber query parameter'
    throw s3Error('InvalidRequest', {}, { message })
  }
  const partNumber = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (partNumber >= 1 && partNumber <= PART_NUMBER_MAX) return { kind: 'part', partNumber }
  const message = `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`
  throw s3Error('InvalidArgument', { ArgumentName: 'partNumber', ArgumentValue: text }, { message })
}

/** The headers that tell which bytes an answer bears; they come first, as RGW has them. */
export function selectionHeaders(version: VersionRow, selected: Selected): [string, HeaderValue][] {
  const { offsetBytes, lengthBytes } = selected.range
  const lastByte = offsetBytes + lengthBytes - 1
  return [
    ['Content-Length', lengthBytes],
    ['Content-Range', selected.partial ? `bytes ${offsetBytes}-${lastByte}/${version.sizeBytes}` : undefined],
    ['x-amz-mp-parts-count', selected.part === undefined ? undefined : version.partCount],
  ]
}
