import type { LifecycleFilter, TransitionMinimum } from '../../storage/metadata/settings.ts'
import { asksSize } from './filter.ts'

/** AWS moves no smaller object by itself: it costs more than it saves. */
const SMALL_BYTES = 128 * 1024
/** The classes that small objects were moved to before September 2024. */
const ALWAYS_SMALL: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE'])

/**
 * From a class to those that rules can move it to: the S3 user guide's waterfall ("Transitioning objects using Amazon
 * S3 Lifecycle"). STANDARD as a target is ZOS's (manual 1.11): from the classes whose bytes can be read.
 */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  STANDARD: ['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE'],
  REDUCED_REDUNDANCY: ['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE'],
  STANDARD_IA: ['STANDARD', 'ONEZONE_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE'],
  INTELLIGENT_TIERING: ['STANDARD', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
  ONEZONE_IA: ['STANDARD', 'GLACIER', 'DEEP_ARCHIVE'],
  GLACIER_IR: ['STANDARD', 'GLACIER', 'DEEP_ARCHIVE'],
  GLACIER: ['DEEP_ARCHIVE'],
  DEEP_ARCHIVE: [],
}

/**
 * What rules prefer when several ask for different classes, the most preferred last: the cheapest, but that
 * INTELLIGENT_TIERING comes before all but the two archives ("How Amazon S3 handles conflicts in lifecycle
 * configurations").
 */
const PREFERENCE: readonly string[] = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
]

export function preferenceOf(storageClass: string): number {
  return PREFERENCE.indexOf(storageClass)
}

/** Whether a rule can move an object of one class to another. */
export function canMove({ from, to }: { from: string; to: string }): boolean {
  return MOVES[from]?.includes(to) ?? false
}

/**
 * Whether an object is too small for this class. A filter that asks about sizes says itself which sizes are moved.
 */
export function isTooSmall(
  object: { sizeBytes: number; to: string },
  rule: { filter: LifecycleFilter; minimum: TransitionMinimum | undefined },
): boolean {
  if (rule.minimum === undefined || object.sizeBytes >= SMALL_BYTES || asksSize(rule.filter)) return false
  return rule.minimum === 'all_storage_classes_128K' || !ALWAYS_SMALL.has(object.to)
}
