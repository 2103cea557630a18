import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

export type Logger = PinoLogger

/** Lines are written together once this many bytes wait; less than what Node writes at once. */
const BUFFER_BYTES = 8 * 1024
/** How long a line may wait for company: an operator who follows the log should not wonder. */
const FLUSH_MS = 500

export interface LogSink {
  readonly logger: Logger
  /** Writes what waits. The log may be used afterwards, too. */
  flush(): Promise<void>
}

/**
 * Neither headers nor request targets are logged anywhere, so that no signature and no key can be. The redaction is the
 * second line of defence, for objects that somebody logs without thinking of it.
 */
const REDACTED = [
  'authorization',
  'secretKey',
  'headers.authorization',
  'headers["x-amz-security-token"]',
  'headers["x-amz-server-side-encryption-customer-key"]',
  'headers["x-amz-copy-source-server-side-encryption-customer-key"]',
]

/** Writes JSON lines to standard output, buffered and off the event loop, or to `stream` at once. */
export function createLogger(options: { level: string; stream?: DestinationStream | undefined }): LogSink {
  const settings = { level: options.level, base: null, redact: { paths: REDACTED, censor: '[redacted]' } }
  if (options.stream !== undefined) return { logger: pino(settings, options.stream), flush: async () => undefined }
  const destination = pino.destination({ fd: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS })
  // Standard output may be a closed pipe: that is no reason to stop serving.
  destination.on('error', () => undefined)
  return {
    logger: pino(settings, destination),
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
  }
}
