import { type S3Error, s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import type { HeaderValue } from '../response.ts'
import { httpDate } from './names.ts'

/** The error of a request that found no object: nothing at all, or a delete marker. `method` is GET unless given. */
export function absentError(
  dialect: Dialect,
  asked: {
    readonly key: string
    readonly versionId: string | undefined
    readonly marker: VersionRow | undefined
    readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  },
): S3Error {
  const { key, versionId, marker, method = 'GET' } = asked
  if (marker !== undefined && dialect.revealsMarkers) {
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId }
    if (versionId === undefined) return s3Error('NoSuchKey', { Key: key }, { headers })
    const lastModified = { 'Last-Modified': httpDate(marker.lastModifiedMs), Allow: 'DELETE' }
    return s3Error(
      'MethodNotAllowed',
      { Method: method, ResourceType: 'DeleteMarker' },
      { headers: { ...headers, ...lastModified } },
    )
  }
  if (versionId === undefined || marker !== undefined) return s3Error('NoSuchKey', { Key: key })
  return s3Error('NoSuchVersion', { Key: key, VersionId: versionId })
}

/**
 * The error of a copy that found no source. S3 documents 400 InvalidRequest for a version that is a delete marker, and
 * the answers of a read otherwise.
 */
export function absentSource(
  dialect: Dialect,
  asked: { readonly key: string; readonly versionId: string | undefined; readonly isMarker: boolean },
): S3Error {
  const { key, versionId, isMarker } = asked
  if (isMarker && versionId !== undefined && dialect.revealsMarkers) {
    const message = 'The source of a copy request may not specifically refer to a delete marker by version id.'
    return s3Error('InvalidRequest', {}, { message })
  }
  return absentError(dialect, { key, versionId: isMarker ? undefined : versionId, marker: undefined })
}

/** The headers of a 304. */
export function notModifiedHeaders(dialect: Dialect, version: VersionRow): [string, HeaderValue][] {
  if (!dialect.validatorsOn304) return []
  return [
    ['Last-Modified', httpDate(version.lastModifiedMs)],
    ['ETag', `"${version.etag}"`],
    ['Cache-Control', version.attributes.cacheControl],
    ['Expires', version.attributes.expires],
  ]
}
