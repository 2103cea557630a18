import type { LogRecordRow } from '../../storage/metadata/rows.ts'

export type LogRecord = Omit<LogRecordRow, 'id'>

/**
 * Lines that wait in memory for their table: some seconds of a busy server. Beyond it lines are lost and counted: a log
 * must neither fill the memory nor hold up what it is about.
 */
export const WAITING_BYTES_MAX = 16 * 1024 * 1024

/** The lines of all buckets' access logs between the end of their request and their row. */
export class AccessLog {
  #waiting: LogRecord[] = []
  #waitingBytes = 0
  #lost = 0

  add(record: LogRecord): void {
    // Mostly ASCII: a character is a byte.
    const bytes = record.line.length
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#lost += 1
      return
    }
    this.#waiting.push(record)
    this.#waitingBytes += bytes
  }

  get size(): number {
    return this.#waiting.length
  }

  /** The oldest ones. Who cannot store them puts them back. */
  take(limit: number): LogRecord[] {
    const taken = this.#waiting.splice(0, limit)
    this.#waitingBytes -= bytesOf(taken)
    return taken
  }

  putBack(records: readonly LogRecord[]): void {
    this.#waiting = [...records, ...this.#waiting]
    this.#waitingBytes += bytesOf(records)
  }

  /** How many there was no room for since this was last asked. */
  takeLost(): number {
    const lost = this.#lost
    this.#lost = 0
    return lost
  }
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { line }) => sum + line.length, 0)
}
