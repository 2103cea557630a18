import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'
import type { WireResponse } from '../response.ts'
import { optionalText, wholeNumber } from './parameters.ts'
import { adminAnswer, listOf } from './value.ts'

/** Ceph's default, and what one page holds at most. */
const KEYS_MAX = 1000

/** What a listing of the admin API asks for. */
export interface MetadataQuery {
  /** The page begins behind this key. */
  readonly marker: string | undefined
  /** Keys of a page. */
  readonly limit: number
  /** Whether the client asked for pages; else it gets all of them. */
  readonly isPaged: boolean
}

export interface MetadataKeys {
  readonly keys: readonly string[]
  readonly isPaged: boolean
  readonly isTruncated: boolean
}

/** @throws S3Error InvalidArgument unless max-entries is a number from 1 on */
export function readMetadataQuery(head: RequestHead): MetadataQuery {
  const wanted = wholeNumber(head, 'max-entries')
  if (wanted !== undefined && wanted < 1) {
    throw s3Error('InvalidArgument', { ArgumentName: 'max-entries', ArgumentValue: wanted })
  }
  const isPaged = wanted !== undefined
  return { marker: optionalText(head, 'marker'), limit: Math.min(wanted ?? KEYS_MAX, KEYS_MAX), isPaged }
}

/** A bare list where no pages were asked for: RGW's RGWOp_Metadata_List. */
export function metadataKeysAnswer(head: RequestHead, { keys, isPaged, isTruncated }: MetadataKeys): WireResponse {
  if (!isPaged) return adminAnswer(head, 'keys', listOf('key', keys))
  return adminAnswer(head, 'metadata', {
    keys: listOf('key', keys),
    truncated: isTruncated,
    count: keys.length,
    marker: isTruncated ? keys.at(-1) : undefined,
  })
}
