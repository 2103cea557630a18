import type { DialectName } from '../../config/config.ts'
import type { MissingKeyCode } from '../../domain/versions/write.ts'
import { type S3Error, s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import type { HeaderValue } from '../response.ts'
import { httpDate } from './names.ts'

interface AbsenceRules {
  /** What an If-Match of a write answers where there is no object. */
  readonly ifMatchOnMissing: MissingKeyCode
  /** Whether a read that meets a delete marker hears of it: a header, and 405 where the marker was named. */
  readonly revealsMarkers: boolean
  /** Whether a 304 bears its validators, as RFC 9110 section 15.4.5 asks. RGW sends none. */
  readonly validatorsOn304: boolean
}

/** RGW's as recorded from 16.2; AWS's from the S3 API reference and its user guide, "Working with delete markers". */
const RGW: AbsenceRules = {
  ifMatchOnMissing: 'PreconditionFailed',
  revealsMarkers: false,
  validatorsOn304: false,
}
const AWS: AbsenceRules = {
  ifMatchOnMissing: 'NoSuchKey',
  revealsMarkers: true,
  validatorsOn304: true,
}
const RULES = { zos: RGW, rgw: RGW, aws: AWS, 'ibm-cos': AWS } as const satisfies Record<DialectName, AbsenceRules>

/** What a write's If-Match answers where there is no object. */
export function ifMatchOnMissing(dialect: Dialect): MissingKeyCode {
  return RULES[dialect.name].ifMatchOnMissing
}

/** The error of a read that found no object: nothing at all, or a delete marker. */
export function absentError(
  dialect: Dialect,
  asked: { readonly key: string; readonly versionId: string | undefined; readonly marker: VersionRow | undefined },
): S3Error {
  const { key, versionId, marker } = asked
  const rules = RULES[dialect.name]
  if (marker !== undefined && rules.revealsMarkers) {
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId }
    if (versionId === undefined) return s3Error('NoSuchKey', { Key: key }, { headers })
    const lastModified = { 'Last-Modified': httpDate(marker.lastModifiedMs), Allow: 'DELETE' }
    return s3Error(
      'MethodNotAllowed',
      { Method: 'GET', ResourceType: 'DeleteMarker' },
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
  if (isMarker && versionId !== undefined && RULES[dialect.name].revealsMarkers) {
    const message = 'The source of a copy request may not specifically refer to a delete marker by version id.'
    return s3Error('InvalidRequest', {}, { message })
  }
  return absentError(dialect, { key, versionId: isMarker ? undefined : versionId, marker: undefined })
}

/** The headers of a 304. */
export function notModifiedHeaders(dialect: Dialect, version: VersionRow): [string, HeaderValue][] {
  if (!RULES[dialect.name].validatorsOn304) return []
  return [
    ['Last-Modified', httpDate(version.lastModifiedMs)],
    ['ETag', `"${version.etag}"`],
    ['Cache-Control', version.attributes.cacheControl],
    ['Expires', version.attributes.expires],
  ]
}
