import type { S3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { Dialect, WireError } from '../dialect.ts'
import { AWS_RESTORE } from '../documents/restore.ts'
import { escapeXml, XML_DECLARATION } from '../xml/build.ts'
import {
  AWS_CORS,
  AWS_CORS_DOCUMENTS,
  AWS_ERROR_PAGE,
  AWS_LIFECYCLE,
  AWS_LOCKS,
  AWS_NOTIFICATIONS,
  AWS_TOPICS,
  AWS_WEBSITE,
  awsEncryption,
  awsEvents,
  type DialectOptions,
  elements,
} from './shared.ts'

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
  printsStandardClass: false,
  rgwExtensions: false,
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
  restore: AWS_RESTORE,
  defaultContentType: 'binary/octet-stream',
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
  unknownHeaderGrantee: undefined,
  knowsAmazonGrantees: true,
  sortsGrants: false,
  printsGranteeEmail: false,
  servesAdminOps: false,
  deletePolicyStatus: 204,
  answersUnsetPolicyStatus: false,
  answersUnsetBlocks: false,
  bucketTaggingStatus: 204,
  corsRefusal: 'AccessForbidden',
  cors: AWS_CORS,
  corsDocuments: AWS_CORS_DOCUMENTS,
  lifecycle: AWS_LIFECYCLE,
  topics: AWS_TOPICS,
  notifications: AWS_NOTIFICATIONS,
  locks: AWS_LOCKS,
  website: AWS_WEBSITE,
  bucketTagsMax: 50,
  objectTagsMax: 10,
  allowsDuplicateTags: false,
  restrictsTagCharacters: true,
  countsTagBytes: false,
  sortsTags: false,
  keepsEmptyTagSet: false,
  tooManyTags: { header: 'BadRequest', document: 'BadRequest' },
  badHeaderTag: 'InvalidTag',
  answersUnsetReplication: false,
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
  processesPictures: false,
  forms: {
    notAForm: 'PreconditionFailed',
    explainsSignatures: true,
    absentFieldsAreEmpty: false,
    describesObject: true,
  },
  ignoresEmptyToken: false,
} as const

const LETTERS = 8
const RANDOM_BYTES = 6

/** Eight of `0-9A-Z`, from 48 random bits: what exceeds 36 to the 8th power is cut off. */
function alphanumeric(ids: IdSource): string {
  return Number.parseInt(ids.hex(RANDOM_BYTES), 16).toString(36).toUpperCase().padStart(LETTERS, '0').slice(-LETTERS)
}
