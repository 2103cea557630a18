import { expect, it } from 'vitest'
import type { OperationName } from '../../src/s3/bindings.ts'
import { logOperation } from '../../src/s3/log-operation.ts'
import type { Address } from '../../src/s3/request.ts'

const BUCKET: Address = { style: 'path', tenant: '', bucket: 'b', key: undefined }
const OBJECT: Address = { ...BUCKET, key: 'k' }

it.each<[string, OperationName | undefined, Address, string]>([
  ['GET', 'GetObject', OBJECT, 'REST.GET.OBJECT'],
  ['HEAD', 'HeadObject', OBJECT, 'REST.HEAD.OBJECT'],
  ['PUT', 'PutObject', OBJECT, 'REST.PUT.OBJECT'],
  ['PUT', 'CopyObject', OBJECT, 'REST.COPY.OBJECT'],
  ['DELETE', 'DeleteObject', OBJECT, 'REST.DELETE.OBJECT'],
  ['PUT', 'UploadPart', OBJECT, 'REST.PUT.PART'],
  ['PUT', 'UploadPartCopy', OBJECT, 'REST.COPY.PART'],
  ['POST', 'CreateMultipartUpload', OBJECT, 'REST.POST.UPLOADS'],
  ['POST', 'CompleteMultipartUpload', OBJECT, 'REST.POST.UPLOAD'],
  ['GET', 'ListMultipartUploads', BUCKET, 'REST.GET.UPLOADS'],
  ['GET', 'ListObjectsV2', BUCKET, 'REST.GET.BUCKET'],
  ['GET', 'ListObjectVersions', BUCKET, 'REST.GET.BUCKETVERSIONS'],
  ['POST', 'DeleteObjects', BUCKET, 'REST.POST.MULTI_OBJECT_DELETE'],
  ['GET', 'GetBucketAcl', BUCKET, 'REST.GET.ACL'],
  ['PUT', 'PutBucketLogging', BUCKET, 'REST.PUT.LOGGING_STATUS'],
  ['GET', 'GetBucketPolicy', BUCKET, 'REST.GET.BUCKETPOLICY'],
  ['GET', 'GetPublicAccessBlock', BUCKET, 'REST.GET.PUBLIC_ACCESS_BLOCK'],
  ['GET', 'GetObjectLockConfiguration', BUCKET, 'REST.GET.OBJECT_LOCK'],
  ['GET', 'GetBucketTagging', BUCKET, 'REST.GET.TAGGING'],
  ['GET', 'GetObjectTagging', OBJECT, 'REST.GET.OBJECT_TAGGING'],
  ['POST', 'PostObject', BUCKET, 'REST.POST.OBJECT'],
  ['GET', 'GetObject', { ...OBJECT, style: 'website' }, 'WEBSITE.GET.OBJECT'],
  ['OPTIONS', undefined, OBJECT, 'REST.OPTIONS.PREFLIGHT'],
  ['GET', undefined, OBJECT, 'REST.GET.OBJECT'],
  ['PATCH', undefined, BUCKET, 'REST.PATCH.BUCKET'],
])('%s %s', (method, operation, address, expected) => {
  expect(logOperation({ method, operation, address })).toBe(expected)
})
