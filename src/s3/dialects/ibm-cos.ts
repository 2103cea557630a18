import type { S3Error } from '../../errors.ts'
import type { Dialect, ErrorContext, WireError } from '../dialect.ts'
import { escapeXml } from '../xml/build.ts'
import { type DialectOptions, elements } from './shared.ts'

/** IBM's FAQ allows 4 MB of metadata; the HTTP server's limit on headers comes before it. */
const METADATA_BYTES_MAX = 4 * 1024 * 1024

/** IBM Cloud Object Storage (reference: transcripts of its answers, and its documented error table). */
export function ibmDialect({ ids }: DialectOptions): Dialect {
  return {
    name: 'ibm-cos',
    requestId: () => uuid(ids.hex(16)),
    hostId: () => undefined,
    idHeaders: (requestId) => [
      ['X-Clv-Request-Id', requestId],
      ['X-Clv-S3-Version', '2.5'],
      ['x-amz-request-id', requestId],
    ],
    wireError,
    errorDocument,
    printsStandardClass: false,
    rgwExtensions: false,
    recreateBucketSucceeds: false,
    bucketNames: 'dns',
    locations: 'provisioning-code',
    tellsLocation: true,
    tellsQuotas: false,
    pagesBuckets: true,
    // Classes belong to buckets there; the archive classes are set by policy.
    storageClasses: ['STANDARD'],
    defaultContentType: 'binary/octet-stream',
    metadataBytesMax: METADATA_BYTES_MAX,
    objectTagsMax: 10,
    allowsDuplicateTags: false,
    restrictsTagCharacters: false,
    refusesBadConditionDates: false,
    refusesMalformedVersionIds: false,
    writesUnlessETag: true,
    missingPartList: 'MalformedXML',
    ifMatchOnMissing: 'NoSuchKey',
    revealsMarkers: true,
    validatorsOn304: true,
    missingUploadOfParts: 'NoSuchUpload',
    demandsPartChecksums: false,
    locationsHaveScheme: true,
    ignoresEmptyToken: true,
  }
}

function wireError(error: S3Error): WireError {
  return error.code === 'KeyTooLongError' ? { code: 'KeyTooLong', status: error.status } : error
}

function errorDocument(error: S3Error, request: ErrorContext): string {
  const { code, status } = wireError(error)
  const details = error.code === 'SignatureDoesNotMatch' ? elements(error.details) : ''
  const isBucket = request.bucket !== undefined && request.key === undefined
  const resource = isBucket && !request.resource.endsWith('/') ? `${request.resource}/` : request.resource
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
    `<Error><Code>${code}</Code><Message>${escapeXml(error.message)}</Message>${details}` +
    `<Resource>${escapeXml(resource)}</Resource><RequestId>${request.requestId}</RequestId>` +
    `<httpStatusCode>${status}</httpStatusCode></Error>`
  )
}

/** 128 random bits in the form of a version 4 UUID. */
function uuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
