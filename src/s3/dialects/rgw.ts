import { ERRORS, type ErrorCode, type S3Error } from '../../errors.ts'
import type { Dialect, ErrorContext, WireError } from '../dialect.ts'
import { escapeXml, XML_DECLARATION } from '../xml/build.ts'
import { type DialectOptions, elements } from './shared.ts'

/** Ceph RGW 16.2 as recorded. */
export function rgwDialect(options: DialectOptions): Dialect {
  const ids = rgwIds(options)
  return {
    ...RGW_RULES,
    ...ids,
    name: 'rgw',
    // A random 64-bit number behind five zeros.
    requestId: () => ids.transaction(`00000${options.ids.hex(8)}`),
    // RGW explains few of its errors: a message of our own table would be new to its clients.
    errorDocument: (error, request) => {
      const message = error.message === ERRORS[error.code][1] ? '' : error.message
      return rgwErrorDocument({ error, message, hostId: ids.hostName }, request)
    },
  }
}

/** What ZOS shares with the gateway that it descends from. */
export const RGW_RULES = {
  wireError,
  hostId: () => undefined,
  idHeaders: (requestId: string) => [['x-amz-request-id', requestId]] as const,
  printsStandardClass: false,
  rgwExtensions: true,
  recreateBucketSucceeds: true,
  bucketNames: 'dns',
  locations: 'zonegroup',
  tellsLocation: false,
  tellsQuotas: true,
  pagesBuckets: false,
  storageClasses: ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE'],
  defaultContentType: 'binary/octet-stream',
  // RGW has no limit of its own; this is what its HTTP front end lets through (recorded: object.put.meta_70k).
  metadataBytesMax: 64 * 1024,
  objectTagsMax: 10,
  allowsDuplicateTags: true,
  restrictsTagCharacters: false,
  refusesBadConditionDates: true,
  refusesMalformedVersionIds: false,
  writesUnlessETag: true,
  missingPartList: 'MalformedXML',
  ifMatchOnMissing: 'PreconditionFailed',
  revealsMarkers: false,
  validatorsOn304: false,
  missingUploadOfParts: 'NoSuchKey',
  demandsPartChecksums: false,
  locationsHaveScheme: false,
  ignoresEmptyToken: false,
} as const

/** The gateway's instance number: its form and length as recorded (`107a`). */
const INSTANCE_BYTES = 2
const SECOND_MS = 1000
const TIME_DIGITS = 10

/**
 * The forms that contain the gateway's instance: `tx<number>-<time>-<instance>-<zone>` and
 * `<instance>-<zone>-<zonegroup>`.
 */
export function rgwIds({ ids, clock, region }: DialectOptions): {
  hostName: string
  transaction(number: string): string
} {
  const instance = ids.hex(INSTANCE_BYTES)
  const zone = encodeURIComponent(region)
  return {
    hostName: `${instance}-${zone}-${zone}`,
    transaction(number) {
      const seconds = Math.floor(clock.now() / SECOND_MS)
      return `tx${number}-${seconds.toString(16).padStart(TIME_DIGITS, '0')}-${instance}-${zone}`
    },
  }
}

const RGW_ERRORS: Partial<Record<ErrorCode, WireError>> = {
  AuthorizationHeaderMalformed: { code: 'InvalidArgument', status: 400 },
  AuthorizationQueryParametersError: { code: 'AccessDenied', status: 403 },
  BucketAlreadyOwnedByYou: { code: 'BucketAlreadyExists', status: 409 },
  IllegalLocationConstraintException: { code: 'InvalidLocationConstraint', status: 400 },
  InvalidPartNumber: { code: 'InvalidRange', status: 416 },
  InvalidStorageClass: { code: 'InvalidArgument', status: 400 },
  KeyTooLongError: { code: 'InvalidObjectName', status: 400 },
  NoSuchVersion: { code: 'NoSuchKey', status: 404 },
}

function wireError(error: S3Error): WireError {
  return RGW_ERRORS[error.code] ?? error
}

/**
 * No namespace, no Resource and none of the details, but what explains a signature (reference: recorded error bodies).
 */
export function rgwErrorDocument(
  { error, message, hostId }: { error: S3Error; message: string; hostId: string },
  request: ErrorContext,
): string {
  const details = error.code === 'SignatureDoesNotMatch' ? elements(error.details) : ''
  // A path that begins with two slashes names the bucket '', which RGW leaves out (recorded:
  // object.get.bucket_double_slash).
  const { bucket = '' } = request
  const bucketName = bucket === '' ? '' : `<BucketName>${escapeXml(bucket)}</BucketName>`
  return (
    `${XML_DECLARATION}<Error><Code>${wireError(error).code}</Code><Message>${escapeXml(message)}</Message>` +
    `${details}${bucketName}<RequestId>${request.requestId}</RequestId><HostId>${hostId}</HostId></Error>`
  )
}
