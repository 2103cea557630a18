import type { S3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { Dialect, WireError } from '../dialect.ts'
import { escapeXml, XML_DECLARATION } from '../xml/build.ts'
import { type DialectOptions, elements } from './shared.ts'

/** AWS's host ids are base64 of this many bytes. */
const HOST_ID_BYTES = 57
/** User metadata: S3's documented 2 KB. */
const METADATA_BYTES_MAX = 2 * 1024

export function awsDialect({ ids, region }: DialectOptions): Dialect {
  const hostId = Buffer.from(ids.hex(HOST_ID_BYTES), 'hex').toString('base64')
  return {
    name: 'aws',
    requestId: () => alphanumeric(ids) + alphanumeric(ids),
    hostId: () => hostId,
    idHeaders: (requestId) => [
      ['x-amz-id-2', hostId],
      ['x-amz-request-id', requestId],
    ],
    wireError: (error: S3Error): WireError => error,
    errorDocument: (error, request) =>
      `${XML_DECLARATION}\n<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>` +
      `${elements(error.details)}<Resource>${escapeXml(request.resource)}</Resource>` +
      `<RequestId>${request.requestId}</RequestId><HostId>${hostId}</HostId></Error>`,
    printsStandardClass: false,
    rgwExtensions: false,
    recreateBucketSucceeds: region === 'us-east-1',
    bucketNames: 'aws',
    locations: 'region',
    tellsLocation: true,
    tellsQuotas: false,
    pagesBuckets: true,
    storageClasses: [
      'STANDARD',
      'REDUCED_REDUNDANCY',
      'STANDARD_IA',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'GLACIER',
      'GLACIER_IR',
      'DEEP_ARCHIVE',
    ],
    defaultContentType: 'binary/octet-stream',
    metadataBytesMax: METADATA_BYTES_MAX,
    objectTagsMax: 10,
    allowsDuplicateTags: false,
    restrictsTagCharacters: true,
    refusesBadConditionDates: false,
    refusesMalformedVersionIds: true,
    writesUnlessETag: false,
    missingPartList: 'InvalidRequest',
    ifMatchOnMissing: 'NoSuchKey',
    revealsMarkers: true,
    validatorsOn304: true,
    missingUploadOfParts: 'NoSuchUpload',
    demandsPartChecksums: true,
    locationsHaveScheme: true,
    ignoresEmptyToken: false,
  }
}

const LETTERS = 8
const RANDOM_BYTES = 6

/** Eight of `0-9A-Z`, from 48 random bits: what exceeds 36 to the 8th power is cut off. */
function alphanumeric(ids: IdSource): string {
  return Number.parseInt(ids.hex(RANDOM_BYTES), 16).toString(36).toUpperCase().padStart(LETTERS, '0').slice(-LETTERS)
}
