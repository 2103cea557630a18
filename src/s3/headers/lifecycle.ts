import { type Announced, announcedAbort, announcedExpiry } from '../../domain/lifecycle/announce.ts'
import { s3Error } from '../../errors.ts'
import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { TransitionMinimum } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import type { RequestHead } from '../request.ts'
import type { HeaderValue } from '../response.ts'
import { httpDate } from './names.ts'

export const TRANSITION_MINIMUM = 'x-amz-transition-default-minimum-object-size'

const MINIMA: readonly TransitionMinimum[] = ['all_storage_classes_128K', 'varies_by_storage_class']

/**
 * Which objects are too small for transitions, in the client's words or else in the dialect's.
 * @throws S3Error InvalidRequest for a word that S3 does not have
 */
export function readTransitionMinimum({ headers }: RequestHead, { lifecycle }: Dialect): TransitionMinimum | undefined {
  const value = headers.get(TRANSITION_MINIMUM)
  if (value === undefined) return lifecycle.transitionMinimum
  const minimum = MINIMA.find((one) => one === value)
  if (minimum !== undefined) return minimum
  throw s3Error('InvalidRequest', {}, { message: `Invalid TransitionDefaultMinimumObjectSize found: ${value}` })
}

/** x-amz-expiration of the current version, on its PUT, and on a GET or HEAD that names no version, as AWS does. */
export function expirationHeader(
  bucket: Pick<BucketRow, 'settings'>,
  version: VersionRow,
  dayMs: number,
): readonly [name: string, value: HeaderValue] {
  const announced = announcedExpiry(bucket.settings, version, dayMs)
  return ['x-amz-expiration', announced === undefined ? undefined : expirationText(announced)]
}

function expirationText({ ruleId, dueMs }: Announced): string {
  return `expiry-date="${httpDate(dueMs)}", rule-id="${headerText(ruleId)}"`
}

/** When a rule will abort the upload, and which one. */
export function abortHeaders(
  bucket: Pick<BucketRow, 'settings'>,
  upload: { readonly key: string; readonly initiatedMs: number },
  { dayMs, dialect }: { dayMs: number; dialect: Dialect },
): readonly (readonly [name: string, value: HeaderValue])[] {
  const rules = dialect.lifecycle.tellsAborts ? bucket.settings.lifecycle?.rules : undefined
  const announced = rules === undefined ? undefined : announcedAbort(rules, upload, dayMs)
  if (announced === undefined) return []
  return [
    ['x-amz-abort-date', httpDate(announced.dueMs)],
    ['x-amz-abort-rule-id', headerText(announced.ruleId)],
  ]
}

/**
 * S3 documents ids in headers as URL-encoded, and sends spaces as they are. So do we, and encode what a header, or its
 * quotes, cannot hold.
 */
function headerText(id: string): string {
  return id.toWellFormed().replace(/[^\x20-\x7e]+|["%]/gu, encodeURIComponent)
}
