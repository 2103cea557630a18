import type { Retention, Tag } from '../storage/metadata/rows.ts'
import type { OperationName } from './bindings.ts'

/** What the bodies of some operations say that policies may ask about. */
export interface BodyFacts {
  readonly tags?: readonly Tag[]
  /** Undefined where retention is taken away. */
  readonly retention?: Retention | undefined
  readonly legalHold?: boolean
}

export const REQUEST_TAG = 's3:requestobjecttag/'
export const REQUEST_TAG_KEYS = 's3:requestobjecttagkeys'

const DAY_MS = 24 * 3600 * 1000

/** What a body says to each condition key about locks; `nowMs` is the request's time. */
const LOCK_VALUES: Readonly<Record<string, (body: BodyFacts, nowMs: number) => string | undefined>> = {
  's3:object-lock-legal-hold': ({ legalHold }) => (legalHold === undefined ? undefined : legalHold ? 'ON' : 'OFF'),
  's3:object-lock-mode': ({ retention }) => retention?.mode,
  's3:object-lock-remaining-retention-days': ({ retention }, nowMs) =>
    retention === undefined ? undefined : remainingDays(retention.retainUntilMs, nowMs),
  's3:object-lock-retain-until-date': ({ retention }) =>
    retention === undefined ? undefined : new Date(retention.retainUntilMs).toISOString(),
}

const isLockKey = (key: string): boolean => Object.hasOwn(LOCK_VALUES, key)

/** Operations that say in their body what other writes say in headers, and the condition keys that ask for it. */
const IN_BODY: Readonly<Partial<Record<OperationName, (key: string) => boolean>>> = {
  PutObjectTagging: (key) => key === REQUEST_TAG_KEYS || key.startsWith(REQUEST_TAG),
  PutObjectRetention: isLockKey,
  PutObjectLegalHold: isLockKey,
}

/** Whether the body tells this key's value, and no header can: the request is decided twice if a policy asks. */
export function isToldByBody(operation: OperationName, key: string): boolean {
  return IN_BODY[operation]?.(key) === true
}

/** The value of a key about locks. */
export function lockValue(key: string, { body, nowMs }: { body: BodyFacts; nowMs: number }): string | undefined {
  return isLockKey(key) ? LOCK_VALUES[key]?.(body, nowMs) : undefined
}

/** A day that has begun counts, so that "ten days from now" is ten when it arrives. */
export function remainingDays(retainUntilMs: number, nowMs: number): string {
  return String(Math.ceil((retainUntilMs - nowMs) / DAY_MS))
}
