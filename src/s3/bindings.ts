import assert from 'node:assert/strict'
import { ADMIN_BINDINGS, type AdminOperationName } from './admin/bindings.ts'
import { SNS_BINDINGS, type SnsOperationName } from './sns/bindings.ts'

/**
 * The operation table: one row per S3 operation, served or not. A row that has no line in operations/registry.ts
 * answers 501 NotImplemented by its name. Facts of the public S3 API model (service-2.json, 2006-03-01).
 */
export interface Binding {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly level: 'service' | 'bucket' | 'object'
  /** The query parameter that chooses the operation; without one the row is the plain operation of its level. */
  readonly subresource?: string
  /** Further parameters that must be there, with this value or with any. */
  readonly query?: Readonly<Record<string, string | typeof ANY>>
  /** Headers that must be there. */
  readonly headers?: readonly string[]
  /**
   * For rows of requests that mean something else, or nothing, elsewhere: the field of the dialect that must be set.
   */
  readonly dialect?: 'processesPictures'
  /** The status of success. */
  readonly status: number
}

/** Any value, also none. */
export const ANY: unique symbol = Symbol('any value')

export const BINDINGS = {
  ListBuckets: { method: 'GET', level: 'service', status: 200 },
  CreateBucket: { method: 'PUT', level: 'bucket', status: 200 },
  DeleteBucket: { method: 'DELETE', level: 'bucket', status: 204 },
  HeadBucket: { method: 'HEAD', level: 'bucket', status: 200 },
  ListObjects: { method: 'GET', level: 'bucket', status: 200 },
  ListObjectsV2: { method: 'GET', level: 'bucket', query: { 'list-type': '2' }, status: 200 },
  GetBucketAccelerateConfiguration: { method: 'GET', level: 'bucket', subresource: 'accelerate', status: 200 },
  PutBucketAccelerateConfiguration: { method: 'PUT', level: 'bucket', subresource: 'accelerate', status: 200 },
  GetBucketAcl: { method: 'GET', level: 'bucket', subresource: 'acl', status: 200 },
  PutBucketAcl: { method: 'PUT', level: 'bucket', subresource: 'acl', status: 200 },
  DeleteBucketAnalyticsConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'analytics',
    query: { id: ANY },
    status: 204,
  },
  GetBucketAnalyticsConfiguration: {
    method: 'GET',
    level: 'bucket',
    subresource: 'analytics',
    query: { id: ANY },
    status: 200,
  },
  ListBucketAnalyticsConfigurations: { method: 'GET', level: 'bucket', subresource: 'analytics', status: 200 },
  PutBucketAnalyticsConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'analytics',
    query: { id: ANY },
    status: 200,
  },
  DeleteBucketCors: { method: 'DELETE', level: 'bucket', subresource: 'cors', status: 204 },
  GetBucketCors: { method: 'GET', level: 'bucket', subresource: 'cors', status: 200 },
  PutBucketCors: { method: 'PUT', level: 'bucket', subresource: 'cors', status: 200 },
  DeleteObjects: { method: 'POST', level: 'bucket', subresource: 'delete', status: 200 },
  DeleteBucketEncryption: { method: 'DELETE', level: 'bucket', subresource: 'encryption', status: 204 },
  GetBucketEncryption: { method: 'GET', level: 'bucket', subresource: 'encryption', status: 200 },
  PutBucketEncryption: { method: 'PUT', level: 'bucket', subresource: 'encryption', status: 200 },
  DeleteBucketIntelligentTieringConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'intelligent-tiering',
    query: { id: ANY },
    status: 204,
  },
  GetBucketIntelligentTieringConfiguration: {
    method: 'GET',
    level: 'bucket',
    subresource: 'intelligent-tiering',
    query: { id: ANY },
    status: 200,
  },
  ListBucketIntelligentTieringConfigurations: {
    method: 'GET',
    level: 'bucket',
    subresource: 'intelligent-tiering',
    status: 200,
  },
  PutBucketIntelligentTieringConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'intelligent-tiering',
    query: { id: ANY },
    status: 200,
  },
  DeleteBucketInventoryConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'inventory',
    query: { id: ANY },
    status: 204,
  },
  GetBucketInventoryConfiguration: {
    method: 'GET',
    level: 'bucket',
    subresource: 'inventory',
    query: { id: ANY },
    status: 200,
  },
  ListBucketInventoryConfigurations: { method: 'GET', level: 'bucket', subresource: 'inventory', status: 200 },
  PutBucketInventoryConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'inventory',
    query: { id: ANY },
    status: 200,
  },
  DeleteBucketLifecycle: { method: 'DELETE', level: 'bucket', subresource: 'lifecycle', status: 204 },
  GetBucketLifecycleConfiguration: { method: 'GET', level: 'bucket', subresource: 'lifecycle', status: 200 },
  PutBucketLifecycleConfiguration: { method: 'PUT', level: 'bucket', subresource: 'lifecycle', status: 200 },
  GetBucketLocation: { method: 'GET', level: 'bucket', subresource: 'location', status: 200 },
  GetBucketLogging: { method: 'GET', level: 'bucket', subresource: 'logging', status: 200 },
  PutBucketLogging: { method: 'PUT', level: 'bucket', subresource: 'logging', status: 200 },
  CreateBucketMetadataTableConfiguration: {
    method: 'POST',
    level: 'bucket',
    subresource: 'metadataTable',
    status: 200,
  },
  DeleteBucketMetadataTableConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'metadataTable',
    status: 204,
  },
  GetBucketMetadataTableConfiguration: { method: 'GET', level: 'bucket', subresource: 'metadataTable', status: 200 },
  DeleteBucketMetricsConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'metrics',
    query: { id: ANY },
    status: 204,
  },
  GetBucketMetricsConfiguration: {
    method: 'GET',
    level: 'bucket',
    subresource: 'metrics',
    query: { id: ANY },
    status: 200,
  },
  ListBucketMetricsConfigurations: { method: 'GET', level: 'bucket', subresource: 'metrics', status: 200 },
  PutBucketMetricsConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'metrics',
    query: { id: ANY },
    status: 200,
  },
  GetBucketNotificationConfiguration: { method: 'GET', level: 'bucket', subresource: 'notification', status: 200 },
  PutBucketNotificationConfiguration: { method: 'PUT', level: 'bucket', subresource: 'notification', status: 200 },
  GetObjectLockConfiguration: { method: 'GET', level: 'bucket', subresource: 'object-lock', status: 200 },
  PutObjectLockConfiguration: { method: 'PUT', level: 'bucket', subresource: 'object-lock', status: 200 },
  DeleteBucketOwnershipControls: { method: 'DELETE', level: 'bucket', subresource: 'ownershipControls', status: 204 },
  GetBucketOwnershipControls: { method: 'GET', level: 'bucket', subresource: 'ownershipControls', status: 200 },
  PutBucketOwnershipControls: { method: 'PUT', level: 'bucket', subresource: 'ownershipControls', status: 200 },
  DeleteBucketPolicy: { method: 'DELETE', level: 'bucket', subresource: 'policy', status: 204 },
  GetBucketPolicy: { method: 'GET', level: 'bucket', subresource: 'policy', status: 200 },
  PutBucketPolicy: { method: 'PUT', level: 'bucket', subresource: 'policy', status: 200 },
  GetBucketPolicyStatus: { method: 'GET', level: 'bucket', subresource: 'policyStatus', status: 200 },
  DeletePublicAccessBlock: { method: 'DELETE', level: 'bucket', subresource: 'publicAccessBlock', status: 204 },
  GetPublicAccessBlock: { method: 'GET', level: 'bucket', subresource: 'publicAccessBlock', status: 200 },
  PutPublicAccessBlock: { method: 'PUT', level: 'bucket', subresource: 'publicAccessBlock', status: 200 },
  DeleteBucketReplication: { method: 'DELETE', level: 'bucket', subresource: 'replication', status: 204 },
  GetBucketReplication: { method: 'GET', level: 'bucket', subresource: 'replication', status: 200 },
  PutBucketReplication: { method: 'PUT', level: 'bucket', subresource: 'replication', status: 200 },
  GetBucketRequestPayment: { method: 'GET', level: 'bucket', subresource: 'requestPayment', status: 200 },
  PutBucketRequestPayment: { method: 'PUT', level: 'bucket', subresource: 'requestPayment', status: 200 },
  DeleteBucketTagging: { method: 'DELETE', level: 'bucket', subresource: 'tagging', status: 204 },
  GetBucketTagging: { method: 'GET', level: 'bucket', subresource: 'tagging', status: 200 },
  PutBucketTagging: { method: 'PUT', level: 'bucket', subresource: 'tagging', status: 200 },
  ListMultipartUploads: { method: 'GET', level: 'bucket', subresource: 'uploads', status: 200 },
  GetBucketVersioning: { method: 'GET', level: 'bucket', subresource: 'versioning', status: 200 },
  PutBucketVersioning: { method: 'PUT', level: 'bucket', subresource: 'versioning', status: 200 },
  ListObjectVersions: { method: 'GET', level: 'bucket', subresource: 'versions', status: 200 },
  DeleteBucketWebsite: { method: 'DELETE', level: 'bucket', subresource: 'website', status: 204 },
  GetBucketWebsite: { method: 'GET', level: 'bucket', subresource: 'website', status: 200 },
  PutBucketWebsite: { method: 'PUT', level: 'bucket', subresource: 'website', status: 200 },
  CopyObject: { method: 'PUT', level: 'object', headers: ['x-amz-copy-source'], status: 200 },
  DeleteObject: { method: 'DELETE', level: 'object', status: 204 },
  GetObject: { method: 'GET', level: 'object', status: 200 },
  HeadObject: { method: 'HEAD', level: 'object', status: 200 },
  PutObject: { method: 'PUT', level: 'object', status: 200 },
  GetObjectAcl: { method: 'GET', level: 'object', subresource: 'acl', status: 200 },
  PutObjectAcl: { method: 'PUT', level: 'object', subresource: 'acl', status: 200 },
  GetObjectAttributes: { method: 'GET', level: 'object', subresource: 'attributes', status: 200 },
  GetObjectLegalHold: { method: 'GET', level: 'object', subresource: 'legal-hold', status: 200 },
  PutObjectLegalHold: { method: 'PUT', level: 'object', subresource: 'legal-hold', status: 200 },
  RestoreObject: { method: 'POST', level: 'object', subresource: 'restore', status: 200 },
  GetObjectRetention: { method: 'GET', level: 'object', subresource: 'retention', status: 200 },
  PutObjectRetention: { method: 'PUT', level: 'object', subresource: 'retention', status: 200 },
  SelectObjectContent: {
    method: 'POST',
    level: 'object',
    subresource: 'select',
    query: { 'select-type': '2' },
    status: 200,
  },
  DeleteObjectTagging: { method: 'DELETE', level: 'object', subresource: 'tagging', status: 204 },
  GetObjectTagging: { method: 'GET', level: 'object', subresource: 'tagging', status: 200 },
  PutObjectTagging: { method: 'PUT', level: 'object', subresource: 'tagging', status: 200 },
  GetObjectTorrent: { method: 'GET', level: 'object', subresource: 'torrent', status: 200 },
  AbortMultipartUpload: { method: 'DELETE', level: 'object', subresource: 'uploadId', status: 204 },
  CompleteMultipartUpload: { method: 'POST', level: 'object', subresource: 'uploadId', status: 200 },
  ListParts: { method: 'GET', level: 'object', subresource: 'uploadId', status: 200 },
  UploadPart: { method: 'PUT', level: 'object', subresource: 'uploadId', query: { partNumber: ANY }, status: 200 },
  UploadPartCopy: {
    method: 'PUT',
    level: 'object',
    subresource: 'uploadId',
    query: { partNumber: ANY },
    headers: ['x-amz-copy-source'],
    status: 200,
  },
  CreateMultipartUpload: { method: 'POST', level: 'object', subresource: 'uploads', status: 200 },
  // What S3 has beside its API model, and what other providers add.
  PostObject: { method: 'POST', level: 'bucket', status: 204 },
  PostBucketLogging: { method: 'POST', level: 'bucket', subresource: 'logging', status: 201 },
  GetUsageStats: { method: 'GET', level: 'service', subresource: 'usage', status: 200 },
  GetBucketQuota: { method: 'GET', level: 'bucket', subresource: 'quota', status: 200 },
  PutBucketQuota: { method: 'PUT', level: 'bucket', subresource: 'quota', status: 200 },
  AppendObject: { method: 'PUT', level: 'object', subresource: 'append', status: 200 },
  // The directive and the source stand in the query, in headers or in the body: s3/headers/process.ts.
  ProcessObject: { method: 'POST', level: 'object', dialect: 'processesPictures', status: 200 },
  // Recorded: notification.delete.one.
  DeleteBucketNotificationConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'notification',
    status: 200,
  },
  // Newer operations of S3, none of them served. Their rows keep a DELETE ?metadataConfiguration from being
  // DeleteBucket, and a PUT ?renameObject from being PutObject. Source: the AWS SDK for JavaScript, @aws-sdk/client-s3
  // 3.1169.
  CreateBucketMetadataConfiguration: {
    method: 'POST',
    level: 'bucket',
    subresource: 'metadataConfiguration',
    status: 200,
  },
  DeleteBucketMetadataConfiguration: {
    method: 'DELETE',
    level: 'bucket',
    subresource: 'metadataConfiguration',
    status: 204,
  },
  GetBucketMetadataConfiguration: { method: 'GET', level: 'bucket', subresource: 'metadataConfiguration', status: 200 },
  UpdateBucketMetadataAnnotationTableConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'metadataAnnotationTable',
    status: 200,
  },
  UpdateBucketMetadataInventoryTableConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'metadataInventoryTable',
    status: 200,
  },
  UpdateBucketMetadataJournalTableConfiguration: {
    method: 'PUT',
    level: 'bucket',
    subresource: 'metadataJournalTable',
    status: 200,
  },
  GetBucketAbac: { method: 'GET', level: 'bucket', subresource: 'abac', status: 200 },
  PutBucketAbac: { method: 'PUT', level: 'bucket', subresource: 'abac', status: 200 },
  CreateSession: { method: 'GET', level: 'bucket', subresource: 'session', status: 200 },
  ListDirectoryBuckets: { method: 'GET', level: 'service', query: { 'x-id': 'ListDirectoryBuckets' }, status: 200 },
  RenameObject: { method: 'PUT', level: 'object', subresource: 'renameObject', status: 200 },
  UpdateObjectEncryption: { method: 'PUT', level: 'object', subresource: 'encryption', status: 200 },
  DeleteObjectAnnotation: { method: 'DELETE', level: 'object', subresource: 'annotation', status: 204 },
  GetObjectAnnotation: {
    method: 'GET',
    level: 'object',
    subresource: 'annotation',
    query: { annotationName: ANY },
    status: 200,
  },
  ListObjectAnnotations: { method: 'GET', level: 'object', subresource: 'annotation', status: 200 },
  PutObjectAnnotation: { method: 'PUT', level: 'object', subresource: 'annotation', status: 200 },
} as const satisfies Record<string, Binding>

/** S3's operations, those of Ceph's admin API and those of SNS, which have tables of their own. */
export type OperationName = keyof typeof BINDINGS | AdminOperationName | SnsOperationName

const TABLES: readonly Readonly<Partial<Record<string, { readonly status: number }>>>[] = [
  BINDINGS,
  ADMIN_BINDINGS,
  SNS_BINDINGS,
]
const STATUSES: ReadonlyMap<string, number> = new Map(
  TABLES.flatMap((table) => Object.entries(table).map(([name, row]) => [name, row?.status ?? 0] as const)),
)

/** The status of success. */
export function statusOf(name: OperationName): number {
  const status = STATUSES.get(name)
  assert(status !== undefined, 'every operation has a row')
  return status
}

export function isOperationName(name: string): name is OperationName {
  return STATUSES.has(name)
}
