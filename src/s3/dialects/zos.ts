import type { S3Error } from '../../errors.ts'
import type { Dialect, WireError } from '../dialect.ts'
import { RGW_RULES, rgwErrorDocument, rgwErrorItems, rgwIds } from './rgw.ts'
import { type DialectOptions, rgwEncryption } from './shared.ts'

const COUNTER_DIGITS = 21

/** CTyun ZOS: RGW of an older generation (reference: the vendor's samples), with the limits of its manual. */
export function zosDialect(options: DialectOptions): Dialect {
  const ids = rgwIds(options)
  let requests = 0
  return {
    ...RGW_RULES,
    name: 'zos',
    encryption: {
      ...rgwEncryption(options),
      kmsKeyIds: 'zos',
      unset: 'NoSuchEncryptionSetError',
      namedKeyLength: 32,
    },
    events: ids.events,
    // The samples show a small counter in hex.
    requestId: () => {
      requests += 1
      return ids.transaction(requests.toString(16).padStart(COUNTER_DIGITS, '0'))
    },
    wireError,
    errorDocument: (error, request) =>
      rgwErrorDocument({ error, wire: wireError(error), message: error.message, hostId: ids.hostName }, request),
    errorItems: (error, request) =>
      rgwErrorItems({ wire: wireError(error), message: error.message, hostId: ids.hostName }, request),
    // Caches are told what RGW leaves them to guess.
    cors: { ...RGW_RULES.cors, alwaysVaries: true },
    // The manual shows filters as they were put (1.12).
    locks: { ...RGW_RULES.locks, canEnableLater: true },
    lifecycle: { ...RGW_RULES.lifecycle, flattensFilters: false },
    website: { ...RGW_RULES.website, emptyCondition: false, confined: true },
    topics: TOPICS,
    // Newer Ceph's and AWS's way to remove them.
    notifications: { ...RGW_RULES.notifications, emptyRemovesAll: true },
    printsStandardClass: true,
    restore: { daysMax: 31, tiers: ['Standard'] },
    bucketNames: 'zos',
    tellsLocation: true,
    tellsQuotas: false,
    pagesBuckets: true,
    missingUploadOfParts: 'NoSuchUpload',
    locationsHaveScheme: true,
    processesPictures: true,
    forms: { ...RGW_RULES.forms, describesObject: true },
    unknownHeaderGrantee: undefined,
    printsGranteeEmail: true,
    access: { ...RGW_RULES.access, policyVersions: ['2012-10-17', '2008-10-17', '2006-03-01'] },
    // The manual's table of put_object_tagging; its prose says ten.
    objectTagsMax: 50,
  }
}

const TOPICS = {
  ...RGW_RULES.topics,
  // The words of gateways older than the recorded one.
  missing: 'NoSuchKey',
  invalid: 'InvalidArgument',
  // SDKs read no code in RGW's form, and the manual shows none: SNS's own form tells what is wrong.
  wrapsErrors: true,
  refusesSecretsInClear: false,
  tellsOwner: true,
  encodesArgs: true,
  tellsAll: false,
  pageSize: undefined,
} as const

/** ZOS explains its errors, so a bad policy keeps S3's code for it, which tells more than RGW's InvalidArgument. */
function wireError(error: S3Error): WireError {
  return error.code === 'MalformedPolicy' ? error : RGW_RULES.wireError(error)
}
