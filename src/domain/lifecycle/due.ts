/** A day of the calendar, in milliseconds. */
export const CALENDAR_DAY_MS = 24 * 60 * 60 * 1000

/**
 * Dates of answers have years of four digits. The clock ends before (lib/clock.ts): this comes to the same as never.
 */
const LAST_DAY_MS = Date.UTC(9999, 11, 31)

/**
 * When so many days have passed since an instant, but no later than the end of the year 9999. Days of the calendar end
 * at midnight UTC: AWS rounds up to the next one, and RGW, which counts whole days up to today's midnight, comes to the
 * same. Days of another length are Ceph's rgw_lc_debug_interval: nothing is rounded.
 */
export function dueMs({ sinceMs, days, dayMs }: { sinceMs: number; days: number; dayMs: number }): number {
  const ms = Math.min(sinceMs + days * dayMs, LAST_DAY_MS)
  return dayMs === CALENDAR_DAY_MS ? Math.ceil(ms / CALENDAR_DAY_MS) * CALENDAR_DAY_MS : ms
}

/** The beginning of the day of `nowMs`. Days are counted from the epoch: those of the calendar begin at midnight. */
export function dayBegin(nowMs: number, dayMs: number): number {
  return Math.floor(nowMs / dayMs) * dayMs
}
