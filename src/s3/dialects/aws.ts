import { STORAGE_CLASSES } from '../../config/storage-classes.ts'
import type { S3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { Dialect, WireError } from '../dialect.ts'
import { escapeXml, XML_DECLARATION } from '../xml/build.ts'
import { AWS_COMMON } from './aws-common.ts'
import { AWS_ERROR_PAGE, AWS_LIFECYCLE, awsEncryption, awsEvents, type DialectOptions, elements } from './shared.ts'

/** AWS's host ids are base64 of this many bytes. */
const HOST_ID_BYTES = 57
/** User metadata: S3's documented 2 KB. */
const METADATA_BYTES_MAX = 2 * 1024

export function awsDialect(options: DialectOptions): Dialect {
  const { ids, region } = options
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
    errorPage: AWS_ERROR_PAGE,
    errorItems: (error, request) => [
      ['Code', error.code],
      ['Message', error.message],
      ...Object.entries(error.details).map(([name, value]) => [name, String(value)] as const),
      ['RequestId', request.requestId],
      ['HostId', hostId],
    ],
    recreateBucketSucceeds: region === 'us-east-1',
    encryption: awsEncryption(options),
    events: awsEvents(options, hostId),
    ...AWS_RULES,
  }
}

/** What is the same for all of its hosts. */
const AWS_RULES = {
  ...AWS_COMMON,
  bucketNames: 'aws',
  locations: 'region',
  storageClasses: STORAGE_CLASSES,
  metadataBytesMax: METADATA_BYTES_MAX,
  access: {
    ownersNeedGrants: false,
    aclsCoverDetails: false,
    writersRemoveVersions: false,
    putCoversItsHeaders: false,
    policiesOpenForeignObjects: false,
    policyVersions: ['2012-10-17', '2008-10-17'],
    policiesNeedPrincipal: true,
    refusesUnknownPrincipals: true,
    policiesNameOwnBucket: true,
    strictPolicies: true,
    newBucketOwnership: 'BucketOwnerEnforced',
    newBucketsBlockPublicAccess: true,
  },
  knowsAmazonGrantees: true,
  lifecycle: AWS_LIFECYCLE,
  restrictsTagCharacters: true,
  refusesMalformedVersionIds: true,
  writesUnlessETag: false,
  missingPartList: 'InvalidRequest',
  demandsPartChecksums: true,
  ignoresEmptyToken: false,
} as const

const LETTERS = 8
const RANDOM_BYTES = 6

/** Eight of `0-9A-Z`, from 48 random bits: what exceeds 36 to the 8th power is cut off. */
function alphanumeric(ids: IdSource): string {
  return Number.parseInt(ids.hex(RANDOM_BYTES), 16).toString(36).toUpperCase().padStart(LETTERS, '0').slice(-LETTERS)
}
