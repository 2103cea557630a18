import { s3Error } from '../../errors.ts'
import { KEY_BYTES_MAX } from '../limits.ts'

/** The most bytes that UTF-8 spends on one UTF-16 code unit: shorter keys need not be measured. */
const BYTES_PER_UNIT_MAX = 3

/** @throws S3Error KeyTooLongError beyond 1024 bytes of UTF-8 */
export function assertKey(key: string): void {
  if (key.length * BYTES_PER_UNIT_MAX <= KEY_BYTES_MAX) return
  const sizeBytes = Buffer.byteLength(key)
  if (sizeBytes > KEY_BYTES_MAX) throw s3Error('KeyTooLongError', { Size: sizeBytes, MaxSizeAllowed: KEY_BYTES_MAX })
}
