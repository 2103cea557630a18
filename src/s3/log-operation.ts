import { BINDINGS, type Binding, type OperationName } from './bindings.ts'
import type { Address } from './request.ts'

/**
 * What AWS's access logs call what an operation is about, where that is not its subresource in capitals. Names of the
 * S3 user guide, "Log record fields", and of records that AWS's users have published.
 */
const RESOURCES: Partial<Record<OperationName, string>> = {
  DeleteObjects: 'MULTI_OBJECT_DELETE',
  ListObjectVersions: 'BUCKETVERSIONS',
  GetBucketLogging: 'LOGGING_STATUS',
  PutBucketLogging: 'LOGGING_STATUS',
  PostBucketLogging: 'LOGGING_STATUS',
  GetBucketPolicy: 'BUCKETPOLICY',
  PutBucketPolicy: 'BUCKETPOLICY',
  DeleteBucketPolicy: 'BUCKETPOLICY',
  GetObjectTagging: 'OBJECT_TAGGING',
  PutObjectTagging: 'OBJECT_TAGGING',
  DeleteObjectTagging: 'OBJECT_TAGGING',
  GetObjectAttributes: 'OBJECT_ATTRIBUTES',
  UploadPart: 'PART',
  UploadPartCopy: 'PART',
  CompleteMultipartUpload: 'UPLOAD',
  AbortMultipartUpload: 'UPLOAD',
  ListParts: 'UPLOAD',
  PostObject: 'OBJECT',
  AppendObject: 'OBJECT',
}

/** The verb of copies is no method: AWS writes COPY. */
const COPIES: ReadonlySet<OperationName> = new Set(['CopyObject', 'UploadPartCopy'])

export interface LoggedOperation {
  readonly method: string
  readonly operation: OperationName | undefined
  readonly address: Address
}

/** `REST.PUT.OBJECT`, `REST.GET.BUCKETPOLICY`, `WEBSITE.GET.OBJECT` … */
export function logOperation({ method, operation, address }: LoggedOperation): string {
  if (method === 'OPTIONS') return 'REST.OPTIONS.PREFLIGHT'
  const plain = address.key === undefined ? 'BUCKET' : 'OBJECT'
  const interface_ = address.style === 'website' ? 'WEBSITE' : 'REST'
  if (operation === undefined) return `${interface_}.${method}.${plain}`
  const verb = COPIES.has(operation) ? 'COPY' : method
  return `${interface_}.${verb}.${RESOURCES[operation] ?? subresourceName(operation) ?? plain}`
}

/** `publicAccessBlock` and `object-lock` as `PUBLIC_ACCESS_BLOCK` and `OBJECT_LOCK`. */
function subresourceName(operation: OperationName): string | undefined {
  const rows: Readonly<Partial<Record<OperationName, Binding>>> = BINDINGS
  return rows[operation]?.subresource
    ?.replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .replace(/-/g, '_')
    .toUpperCase()
}
