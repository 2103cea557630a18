import { s3Error } from '../../errors.ts'
import type { Wire } from '../request.ts'

/**
 * x-amz-storage-class; undefined where the request names none.
 * @throws S3Error for a class that the dialect does not know: InvalidArgument where RGW answers, else
 *   InvalidStorageClass
 */
export function readStorageClass({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): string | undefined {
  const value = head.headers.get('x-amz-storage-class')
  if (value === undefined || value === '') return undefined
  if (dialect.storageClasses.includes(value)) return value
  throw s3Error(dialect.rgwExtensions ? 'InvalidArgument' : 'InvalidStorageClass', { StorageClassRequested: value })
}
