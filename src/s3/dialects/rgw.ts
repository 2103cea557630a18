import { hash } from 'node:crypto'
import type { EventRules } from '../../domain/notifications/rules.ts'
import { ERRORS, type ErrorCode, type S3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { Dialect, ErrorContext, WireError } from '../dialect.ts'
import { AWS_RESTORE } from '../documents/restore.ts'
import { escapeXml, XML_DECLARATION } from '../xml/build.ts'
import { type DialectOptions, elements, rgwEncryption, uuid } from './shared.ts'

/** Ceph RGW 16.2 as recorded. */
export function rgwDialect(options: DialectOptions): Dialect {
  const ids = rgwIds(options)
  return {
    ...RGW_RULES,
    ...ids,
    name: 'rgw',
    encryption: rgwEncryption(options),
    events: { ...ids.events, region: '' },
    // A random 64-bit number behind five zeros.
    requestId: () => ids.transaction(`00000${options.ids.hex(8)}`),
    // RGW explains few of its errors: a message of our own table would be new to its clients.
    errorDocument: (error, request) =>
      rgwErrorDocument({ error, wire: wireError(error), message: ownMessage(error), hostId: ids.hostName }, request),
    errorItems: (error, request) =>
      rgwErrorItems({ wire: wireError(error), message: ownMessage(error), hostId: ids.hostName }, request),
  }
}

function ownMessage(error: S3Error): string {
  return error.message === ERRORS[error.code][1] ? '' : error.message
}

/** What ZOS shares with the gateway that it descends from. */
export const RGW_RULES = {
  wireError,
  hostId: () => undefined,
  idHeaders: (requestId: string) => [['x-amz-request-id', requestId]] as const,
  errorPage: { type: 'text/html', end: '' },
  printsStandardClass: false,
  rgwExtensions: true,
  recreateBucketSucceeds: true,
  bucketNames: 'dns',
  locations: 'zonegroup',
  tellsLocation: false,
  tellsQuotas: true,
  pagesBuckets: false,
  storageClasses: ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE'],
  restore: AWS_RESTORE,
  defaultContentType: 'binary/octet-stream',
  // RGW has no limit of its own; this is what its HTTP front end lets through (recorded: object.put.meta_70k).
  metadataBytesMax: 64 * 1024,
  access: {
    ownersNeedGrants: true,
    aclsCoverDetails: true,
    writersRemoveVersions: true,
    putCoversItsHeaders: true,
    policiesOpenForeignObjects: true,
    policyVersions: ['2012-10-17', '2008-10-17'],
    policiesNeedPrincipal: false,
    refusesUnknownPrincipals: false,
    policiesNameOwnBucket: false,
    strictPolicies: false,
    newBucketOwnership: 'ObjectWriter',
    newBucketsBlockPublicAccess: false,
  },
  unknownHeaderGrantee: 'NoSuchKey',
  knowsAmazonGrantees: false,
  sortsGrants: true,
  printsGranteeEmail: false,
  servesAdminOps: true,
  deletePolicyStatus: 200,
  answersUnsetPolicyStatus: true,
  answersUnsetBlocks: true,
  bucketTaggingStatus: 200,
  corsRefusal: 'AccessDenied',
  cors: {
    namesAnyOrigin: false,
    allowsCredentials: false,
    tellsAllMethods: false,
    separator: ',',
    varies: 'Origin',
    alwaysVaries: false,
    incomplete: 'InvalidArgument',
  },
  corsDocuments: { mistake: 'MalformedXML', strict: false, declaration: false, sorted: true },
  lifecycle: {
    strict: false,
    // Recorded: lifecycle.put.days_0, two_transitions_same_class; the others as in rgw_lc.cc and rgw_lc_s3.cc.
    codes: {
      number: 'InvalidArgument',
      midnight: 'MalformedXML',
      'unknown-class': 'InvalidArgument',
      'same-class': 'MalformedXML',
      'no-action': 'InvalidArgument',
      'mixed-days-and-dates': 'InvalidArgument',
    },
    classes: ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE'],
    sortsRules: true,
    flattensFilters: true,
    prefixForNoFilter: true,
    transitionMinimum: undefined,
    tellsAborts: false,
    newRuleId: (ids: IdSource) => ids.ruleId(),
  },
  topics: {
    missing: 'NoSuchEntity',
    invalid: 'InvalidInput',
    plainNames: false,
    keepsUnknownAttributes: true,
    refusesSecretsInClear: true,
    tellsOwner: false,
    encodesArgs: false,
    tellsAll: true,
    // Newer ones have pages of a hundred.
    pageSize: 100,
    wrapsErrors: false,
  },
  notifications: {
    merges: true,
    refusesOverlaps: false,
    unknownTopic: 'NoSuchKey',
    vocabulary: 'rgw',
    newId: undefined,
    defaultEvents: true,
    emptyRemovesAll: false,
    noBody: 'InvalidArgument',
    knowsQueues: false,
    filterNames: 'exact',
    isBare: true,
  },
  locks: {
    canEnableLater: false,
    namespace: undefined,
    unset: 'ObjectLockConfigurationNotFoundError',
    badPeriod: 'InvalidRetentionPeriod',
    demandsDigest: false,
  },
  website: {
    mistake: 'InvalidArgument',
    slashInSuffix: true,
    emptyCondition: true,
    confined: false,
    folders: 'serve',
  },
  bucketTagsMax: 50,
  objectTagsMax: 10,
  allowsDuplicateTags: true,
  restrictsTagCharacters: false,
  countsTagBytes: true,
  sortsTags: true,
  keepsEmptyTagSet: true,
  tooManyTags: { header: 'InvalidArgument', document: 'InvalidTag' },
  badHeaderTag: 'InvalidArgument',
  answersUnsetReplication: true,
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
  processesPictures: false,
  forms: {
    notAForm: 'InvalidArgument',
    explainsSignatures: false,
    absentFieldsAreEmpty: true,
    describesObject: false,
  },
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
  events: EventRules
} {
  const instance = ids.hex(INSTANCE_BYTES)
  const zone = encodeURIComponent(region)
  const hostName = `${instance}-${zone}-${zone}`
  const zoneId = uuid(hash('sha256', region).slice(0, 32))
  return {
    hostName,
    events: { format: 'rgw', region, zoneId, hostId: hostName, requestId: (id) => internalId(id, zoneId) },
    transaction(number) {
      const seconds = Math.floor(clock.now() / SECOND_MS)
      return `tx${number}-${seconds.toString(16).padStart(TIME_DIGITS, '0')}-${instance}-${zone}`
    },
  }
}

/**
 * A request's id as SNS's answers and events have it: `<zone's UUID>.<instance>.<number>`, with the numbers of
 * x-amz-request-id in decimal digits (recorded: topic.create.kafka; the ZOS manual's samples, 5.1).
 */
function internalId(requestId: string, zoneId: string): string {
  const [transaction = '', , instance = '0'] = requestId.split('-', 3)
  const number = transaction.slice('tx'.length) || '0'
  const decimal = Number.parseInt(number, 16)
  // A BigInt costs a microsecond more, for each event.
  return `${zoneId}.${Number.parseInt(instance, 16)}.${Number.isSafeInteger(decimal) ? decimal : BigInt(`0x${number}`)}`
}

const RGW_ERRORS: Partial<Record<ErrorCode, WireError>> = {
  AuthorizationHeaderMalformed: { code: 'InvalidArgument', status: 400 },
  AuthorizationQueryParametersError: { code: 'AccessDenied', status: 403 },
  BucketAlreadyOwnedByYou: { code: 'BucketAlreadyExists', status: 409 },
  IllegalLocationConstraintException: { code: 'InvalidLocationConstraint', status: 400 },
  // Forms: recorded post.v2.policy_not_json, post.malformed_body, post.v2.no_key_field; the other as in rgw_rest_s3.cc.
  IncorrectNumberOfFilesInPostRequest: { code: 'InvalidArgument', status: 400 },
  InvalidPolicyDocument: { code: 'InvalidArgument', status: 400 },
  InvalidPartNumber: { code: 'InvalidRange', status: 416 },
  InvalidStorageClass: { code: 'InvalidArgument', status: 400 },
  KeyTooLongError: { code: 'InvalidObjectName', status: 400 },
  // It hands on what its KMS answers as an invalid argument (rgw_kms.cc).
  'KMS.DisabledException': { code: 'InvalidArgument', status: 400 },
  'KMS.NotFoundException': { code: 'InvalidArgument', status: 400 },
  // Recorded: policy.put.bad_effect.
  MalformedPolicy: { code: 'InvalidArgument', status: 400 },
  MalformedPOSTRequest: { code: 'InvalidArgument', status: 400 },
  NoSuchVersion: { code: 'NoSuchKey', status: 404 },
  UserKeyMustBeSpecified: { code: 'InvalidArgument', status: 400 },
}

function wireError(error: S3Error): WireError {
  return RGW_ERRORS[error.code] ?? error
}

/**
 * No namespace, no Resource and none of the details, but what explains a signature (reference: recorded error bodies).
 */
export function rgwErrorDocument(
  { error, wire, message, hostId }: { error: S3Error; wire: WireError; message: string; hostId: string },
  request: ErrorContext,
): string {
  const details = error.code === 'SignatureDoesNotMatch' ? elements(error.details) : ''
  // A path that begins with two slashes names the bucket '', which RGW leaves out (recorded:
  // object.get.bucket_double_slash).
  const { bucket = '' } = request
  const bucketName = bucket === '' ? '' : `<BucketName>${escapeXml(bucket)}</BucketName>`
  return (
    `${XML_DECLARATION}<Error><Code>${wire.code}</Code><Message>${escapeXml(message)}</Message>` +
    `${details}${bucketName}<RequestId>${request.requestId}</RequestId><HostId>${hostId}</HostId></Error>`
  )
}

/** The items of a website's error page (recorded: website.serve.missing_bucket). */
export function rgwErrorItems(
  { wire, message, hostId }: { wire: WireError; message: string; hostId: string },
  request: ErrorContext,
): readonly (readonly [name: string, value: string])[] {
  return [
    ['Code', wire.code],
    ['Message', message],
    ['BucketName', request.bucket ?? ''],
    ['RequestId', request.requestId],
    ['HostId', hostId],
  ]
}
