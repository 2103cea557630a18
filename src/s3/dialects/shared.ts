import type { EventRules } from '../../domain/notifications/rules.ts'
import type { Clock } from '../../lib/clock.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { EncryptionAnswers, LockRules } from '../dialect.ts'
import type { CorsDocuments } from '../documents/cors.ts'
import type { LifecycleDocuments } from '../documents/lifecycle.ts'
import type { NotificationDocuments } from '../documents/notifications.ts'
import type { TopicAnswers } from '../documents/topics.ts'
import type { WebsiteRules } from '../documents/website.ts'
import type { CorsAnswers } from '../headers/cors.ts'
import { escapeXml, S3_NAMESPACE } from '../xml/build.ts'

export interface DialectOptions {
  readonly ids: IdSource
  readonly clock: Clock
  /** Also the zone's and the zonegroup's name. */
  readonly region: string
  /** Whether customers' keys (SSE-C) come over TLS only; they do not where it is left out. */
  readonly customerKeysNeedTls?: boolean
}

/** AWS's rules of encryption, which IBM follows where it has such a thing at all. */
export function awsEncryption({ region, customerKeysNeedTls = false }: DialectOptions): EncryptionAnswers {
  return {
    always: 'AES256',
    // The alias of the key that S3 makes for each account.
    defaultKmsKeyId: `arn:aws:kms:${region}:000000000000:alias/aws/s3`,
    hidesMd5: true,
    missingKey: {
      code: 'InvalidRequest',
      message:
        'The object was stored using a form of Server Side Encryption. ' +
        'The correct parameters must be provided to retrieve the object.',
    },
    wrongKey: { code: 'AccessDenied', message: 'Access Denied' },
    refusesIdleKeys: true,
    needsKmsKeyId: false,
    kmsKeyIds: 'any',
    badAlgorithm: 'InvalidEncryptionAlgorithmError',
    unset: 'ServerSideEncryptionConfigurationNotFoundError',
    namedKeyLength: undefined,
    customerKeysNeedTls,
  }
}

/** RGW's rules of encryption: what 16.2 was recorded with, and of default encryption what later ones do. */
export function rgwEncryption(options: DialectOptions): EncryptionAnswers {
  return {
    ...awsEncryption(options),
    always: undefined,
    hidesMd5: false,
    // Recorded: object.get.sse_c_no_key, object.get.sse_c_wrong_key.
    missingKey: {
      code: 'InvalidArgument',
      message:
        'Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption ' +
        'algorithm.',
    },
    wrongKey: {
      code: 'InvalidArgument',
      message: 'The calculated MD5 hash of the key did not match the hash that was provided.',
    },
    refusesIdleKeys: false,
    needsKmsKeyId: true,
    badAlgorithm: 'InvalidArgument',
  }
}

/** An error's details as elements, in their order. */
export function elements(details: Readonly<Record<string, string | number>>): string {
  let text = ''
  for (const [name, value] of Object.entries(details)) text += `<${name}>${escapeXml(String(value))}</${name}>`
  return text
}

/** How AWS answers pages of other origins; its Vary names what its preflight answers depend on. IBM follows it. */
export const AWS_CORS: CorsAnswers = {
  namesAnyOrigin: true,
  allowsCredentials: true,
  tellsAllMethods: true,
  separator: ', ',
  varies: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  alwaysVaries: true,
  incomplete: 'BadRequest',
}

export const AWS_CORS_DOCUMENTS: CorsDocuments = {
  mistake: 'InvalidRequest',
  strict: true,
  declaration: true,
  sorted: false,
}

export const AWS_LIFECYCLE: LifecycleDocuments = {
  strict: true,
  // Sources: S3's answers in the snapshots of LocalStack's validated tests, and in its users' reports.
  codes: {
    number: 'MalformedXML',
    midnight: 'InvalidArgument',
    'unknown-class': 'MalformedXML',
    'same-class': 'InvalidRequest',
    'no-action': 'InvalidRequest',
    'mixed-days-and-dates': 'InvalidRequest',
  },
  classes: ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
  sortsRules: false,
  flattensFilters: false,
  prefixForNoFilter: false,
  transitionMinimum: 'all_storage_classes_128K',
  tellsAborts: true,
  // A UUID in base64.
  newRuleId: (ids) => Buffer.from(uuid(ids.hex(16))).toString('base64'),
}

/** 128 random bits, given in hex, in the form of a version 4 UUID. */
export function uuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

export const AWS_WEBSITE: WebsiteRules = {
  mistake: 'InvalidRequest',
  slashInSuffix: false,
  emptyCondition: false,
  confined: false,
  folders: 'redirect',
}

export const AWS_LOCKS: LockRules = {
  canEnableLater: true,
  namespace: S3_NAMESPACE,
  unset: 'NoSuchObjectLockConfiguration',
  badPeriod: 'InvalidArgument',
  demandsDigest: true,
}

export const AWS_ERROR_PAGE = { type: 'text/html; charset=utf-8', end: '  </ul>\n </body>\n</html>\n' } as const

/** SNS, as far as it is about topics; beside it, topics are Ceph's. */
export const AWS_TOPICS: TopicAnswers = {
  missing: 'NotFound',
  invalid: 'InvalidParameter',
  plainNames: true,
  keepsUnknownAttributes: false,
  refusesSecretsInClear: false,
  tellsOwner: true,
  encodesArgs: false,
  tellsAll: true,
  pageSize: 100,
  wrapsErrors: true,
}

export const AWS_NOTIFICATIONS: NotificationDocuments = {
  merges: false,
  refusesOverlaps: true,
  unknownTopic: 'InvalidArgument',
  vocabulary: 'aws',
  // A UUID in base64, as AWS's ids of lifecycle rules.
  newId: (ids) => Buffer.from(uuid(ids.hex(16))).toString('base64'),
  defaultEvents: false,
  emptyRemovesAll: true,
  noBody: 'MalformedXML',
  knowsQueues: true,
  filterNames: 'any-case',
  isBare: false,
}

/** AWS's records. */
export function awsEvents({ region }: DialectOptions, hostId: string): EventRules {
  return { format: 'aws', region, zoneId: '', hostId, requestId: (requestId) => requestId }
}
