import type { S3Error } from '../../errors.ts'
import type { Dialect, ErrorContext, WireError } from '../dialect.ts'
import { escapeXml } from '../xml/build.ts'
import { AWS_COMMON } from './aws-common.ts'
import {
  AWS_ERROR_PAGE,
  AWS_LIFECYCLE,
  awsEncryption,
  awsEvents,
  type DialectOptions,
  elements,
  uuid,
} from './shared.ts'

/** IBM's FAQ allows 4 MB of metadata; the HTTP server's limit on headers comes before it. */
const METADATA_BYTES_MAX = 4 * 1024 * 1024

/** IBM Cloud Object Storage (reference: transcripts of its answers, and its documented error table). */
export function ibmDialect(options: DialectOptions): Dialect {
  const { ids } = options
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
    errorPage: AWS_ERROR_PAGE,
    errorItems: (error, request) => [
      ['Code', wireError(error).code],
      ['Message', error.message],
      ['RequestId', request.requestId],
    ],
    // It encrypts everything too, and says nothing of it.
    encryption: { ...awsEncryption(options), always: undefined },
    events: awsEvents(options, ''),
    ...IBM_RULES,
  }
}

/** What is the same for all of its hosts. */
const IBM_RULES = {
  ...AWS_COMMON,
  recreateBucketSucceeds: false,
  bucketNames: 'dns',
  locations: 'provisioning-code',
  // Classes belong to buckets there; the archive classes are set by policy.
  storageClasses: ['STANDARD'],
  metadataBytesMax: METADATA_BYTES_MAX,
  access: {
    ownersNeedGrants: false,
    aclsCoverDetails: false,
    writersRemoveVersions: true,
    putCoversItsHeaders: false,
    policiesOpenForeignObjects: false,
    policyVersions: ['2012-10-17', '2008-10-17'],
    policiesNeedPrincipal: true,
    refusesUnknownPrincipals: true,
    policiesNameOwnBucket: true,
    strictPolicies: true,
    newBucketOwnership: 'ObjectWriter',
    newBucketsBlockPublicAccess: false,
  },
  knowsAmazonGrantees: false,
  // Its other archive, ACCELERATED, is a class that nothing here stores.
  lifecycle: { ...AWS_LIFECYCLE, classes: ['GLACIER'], transitionMinimum: undefined, tellsAborts: false },
  restrictsTagCharacters: false,
  refusesMalformedVersionIds: false,
  writesUnlessETag: true,
  missingPartList: 'MalformedXML',
  demandsPartChecksums: false,
  ignoresEmptyToken: true,
} as const

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
