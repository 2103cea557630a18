import type { Clock } from '../lib/clock.ts'

/** Limits that a config may change: tests use small parts, an emulator may be stricter than its machine. */
export interface Limits {
  /** Bodies up to this many bytes live in the metadata database. */
  readonly inlineBytesMax: number
  /** S3 answers EntityTooSmall below this, except for the last part. */
  readonly partBytesMin: number
  /** The largest body of one PUT or part. S3's ceiling is 5 GiB. */
  readonly putBytesMax: number
  /** Garbage waits this long, so that a reader which knows of it can still open it. */
  readonly garbageDelayMs: number
}

export const DEFAULT_LIMITS: Limits = {
  inlineBytesMax: 64 * 1024,
  partBytesMin: 5 * 1024 * 1024,
  putBytesMax: 5 * 1024 ** 3,
  garbageDelayMs: 10 * 60 * 1000,
}

/** When garbage made now may be taken apart, in ms of the clock. */
export function deletableAtMs({ clock, limits }: { clock: Clock; limits: Limits }): number {
  return clock.now() + limits.garbageDelayMs
}

/** S3's ceiling; also bounds the CompleteMultipartUpload document to a few MiB. */
export const PART_NUMBER_MAX = 10_000
/** S3's ceiling for an object of any making. */
export const OBJECT_BYTES_MAX = 5 * 1024 ** 4
/** Keys, as UTF-8. */
export const KEY_BYTES_MAX = 1024
/** User metadata, names and values together, as S3 counts them. */
export const METADATA_BYTES_MAX = 2 * 1024
/** Keys of a listing's page and of a DeleteObjects request. */
export const PAGE_KEYS_MAX = 1000
