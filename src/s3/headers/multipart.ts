import { PAGE_KEYS_MAX, PART_NUMBER_MAX } from '../../domain/limits.ts'
import type { UploadChecksum } from '../../domain/multipart/uploads.ts'
import { s3Error } from '../../errors.ts'
import type { ChecksumAlgorithm } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'

/** S3's checksum algorithms, as headers and documents name them. */
export const ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']
const TYPES: readonly UploadChecksum['type'][] = ['COMPOSITE', 'FULL_OBJECT']

/** `uploadId`, as sent. The resolver has seen that it is there. */
export function readUploadId(head: RequestHead): string {
  return head.query.get('uploadId') ?? ''
}

/**
 * `partNumber` of an upload: RGW 16.2 takes any integer; S3's own range is 1 to 10,000, and nothing else can be listed
 * in a completion that S3 clients write.
 * @throws S3Error InvalidArgument
 */
export function readPartNumber(head: RequestHead): number {
  const given = head.query.get('partNumber') ?? ''
  const number = /^\d{1,5}$/.test(given) ? Number(given) : 0
  if (number >= 1 && number <= PART_NUMBER_MAX) return number
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'partNumber', ArgumentValue: given },
    { message: `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive` },
  )
}

/**
 * `x-amz-checksum-algorithm`; undefined without one.
 * @throws S3Error InvalidRequest for one that S3 does not have
 */
export function readChecksumAlgorithm(head: RequestHead): ChecksumAlgorithm | undefined {
  return oneOf(head, { header: 'x-amz-checksum-algorithm', values: ALGORITHMS })
}

/**
 * `x-amz-checksum-type`; undefined without one.
 * @throws S3Error InvalidRequest for one that S3 does not have
 */
export function readChecksumType(head: RequestHead): UploadChecksum['type'] | undefined {
  return oneOf(head, { header: 'x-amz-checksum-type', values: TYPES })
}

function oneOf<T extends string>(
  head: RequestHead,
  { header, values }: { header: string; values: readonly T[] },
): T | undefined {
  const given = head.headers.get(header)
  if (given === undefined) return undefined
  const found = values.find((value) => value === given.toUpperCase())
  if (found !== undefined) return found
  throw s3Error('InvalidRequest', {}, { message: `Value for ${header} header is invalid: one of ${values.join(', ')}` })
}

/**
 * `max-parts` or `max-uploads`: 1,000 unless given, and at most that; RGW takes a negative number for 0.
 * @throws S3Error InvalidArgument if it is no integer
 */
export function readPageSize(head: RequestHead, name: 'max-parts' | 'max-uploads'): number {
  const given = head.query.get(name) ?? ''
  if (given === '') return PAGE_KEYS_MAX
  return Math.min(readInteger(given, name), PAGE_KEYS_MAX)
}

/** @throws S3Error InvalidArgument if it is no integer */
export function readPartNumberMarker(head: RequestHead): number {
  const given = head.query.get('part-number-marker') ?? ''
  return given === '' ? 0 : readInteger(given, 'part-number-marker')
}

function readInteger(given: string, name: string): number {
  if (/^-?\d{1,9}$/.test(given)) return Math.max(0, Number(given))
  throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: given })
}

/**
 * `x-amz-mp-object-size`: the bytes that the client believes the object to have.
 * @throws S3Error InvalidArgument if it is no whole number
 */
export function readObjectBytes(head: RequestHead): number | undefined {
  const given = head.headers.get('x-amz-mp-object-size')
  if (given === undefined) return undefined
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw s3Error('InvalidArgument', { ArgumentName: 'x-amz-mp-object-size', ArgumentValue: given })
}
