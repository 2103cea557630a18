import type { Dialect } from '../dialect.ts'
import { RGW_RULES, rgwErrorDocument, rgwIds } from './rgw.ts'
import type { DialectOptions } from './shared.ts'

const COUNTER_DIGITS = 21

/** CTyun ZOS: RGW of an older generation (reference: the vendor's samples), with the limits of its manual. */
export function zosDialect(options: DialectOptions): Dialect {
  const ids = rgwIds(options)
  let requests = 0
  return {
    ...RGW_RULES,
    name: 'zos',
    // The samples show a small counter in hex.
    requestId: () => {
      requests += 1
      return ids.transaction(requests.toString(16).padStart(COUNTER_DIGITS, '0'))
    },
    errorDocument: (error, request) =>
      rgwErrorDocument({ error, message: error.message, hostId: ids.hostName }, request),
    printsStandardClass: true,
    bucketNames: 'zos',
    tellsLocation: true,
    tellsQuotas: false,
    pagesBuckets: true,
    missingUploadOfParts: 'NoSuchUpload',
    locationsHaveScheme: true,
    // The manual's table of put_object_tagging; its prose says ten.
    objectTagsMax: 50,
  }
}
