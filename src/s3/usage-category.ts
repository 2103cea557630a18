import { BINDINGS, type OperationName } from './bindings.ts'

/** Ceph's words for the kinds of requests, where they are not the operation's own name in its spelling (rgw_op.h). */
const EXCEPTIONS: Partial<Record<OperationName, string>> = {
  HeadBucket: 'stat_bucket',
  ListObjects: 'list_bucket',
  ListObjectsV2: 'list_bucket',
  ListObjectVersions: 'list_bucket',
  ListMultipartUploads: 'list_bucket_multiparts',
  GetObject: 'get_obj',
  HeadObject: 'get_obj',
  SelectObjectContent: 'get_obj',
  PutObject: 'put_obj',
  AppendObject: 'put_obj',
  UploadPart: 'put_obj',
  UploadPartCopy: 'put_obj',
  PostObject: 'post_obj',
  CopyObject: 'copy_obj',
  // Ceph has no such request: what it makes is an object.
  ProcessObject: 'put_obj',
  DeleteObject: 'delete_obj',
  DeleteObjects: 'multi_object_delete',
  RestoreObject: 'restore_obj',
  CreateMultipartUpload: 'init_multipart',
  CompleteMultipartUpload: 'complete_multipart',
  AbortMultipartUpload: 'abort_multipart',
  ListParts: 'list_multipart',
  GetBucketAcl: 'get_acls',
  GetObjectAcl: 'get_acls',
  PutBucketAcl: 'put_acls',
  PutObjectAcl: 'put_acls',
  GetBucketCors: 'get_cors',
  PutBucketCors: 'put_cors',
  DeleteBucketCors: 'delete_cors',
  GetBucketLifecycleConfiguration: 'get_lifecycle',
  PutBucketLifecycleConfiguration: 'put_lifecycle',
  DeleteBucketLifecycle: 'delete_lifecycle',
  GetBucketTagging: 'get_bucket_tags',
  PutBucketTagging: 'put_bucket_tags',
  DeleteBucketTagging: 'delete_bucket_tags',
  GetObjectTagging: 'get_obj_tags',
  PutObjectTagging: 'put_obj_tags',
  DeleteObjectTagging: 'delete_obj_tags',
  GetBucketRequestPayment: 'get_request_payment',
  PutBucketRequestPayment: 'set_request_payment',
  PutBucketVersioning: 'set_bucket_versioning',
  PutBucketWebsite: 'set_bucket_website',
  GetObjectLockConfiguration: 'get_bucket_object_lock',
  PutObjectLockConfiguration: 'put_bucket_object_lock',
  GetObjectRetention: 'get_obj_retention',
  PutObjectRetention: 'put_obj_retention',
  GetObjectLegalHold: 'get_obj_legal_hold',
  PutObjectLegalHold: 'put_obj_legal_hold',
  GetObjectAttributes: 'get_obj_attrs',
  GetPublicAccessBlock: 'get_bucket_public_access_block',
  PutPublicAccessBlock: 'put_bucket_public_access_block',
  DeletePublicAccessBlock: 'delete_bucket_public_access_block',
  GetUsageStats: 'get_usage',
}

const CATEGORIES: ReadonlyMap<OperationName, string> = new Map(
  (Object.keys(BINDINGS) as OperationName[]).map((name) => [name, EXCEPTIONS[name] ?? inCephsSpelling(name)]),
)

/** `GetBucketPolicy` as `get_bucket_policy`. */
function inCephsSpelling(name: OperationName): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
}

/** What Ceph's usage log calls an operation; undefined for those of the admin API, which cost no user anything. */
export function usageCategory(operation: OperationName): string | undefined {
  return CATEGORIES.get(operation)
}
