/** The permissions of S3's policy language that the served operations need; what they name is the policy's Resource. */
export type Action =
  | 's3:ListAllMyBuckets'
  | 's3:CreateBucket'
  | 's3:DeleteBucket'
  | 's3:ListBucket'
  | 's3:ListBucketVersions'
  | 's3:ListBucketMultipartUploads'
  | 's3:GetBucketLocation'
  | 's3:GetBucketVersioning'
  | 's3:PutBucketVersioning'
  | 's3:GetObject'
  | 's3:GetObjectVersion'
  | 's3:GetObjectAttributes'
  | 's3:GetObjectVersionAttributes'
  | 's3:PutObject'
  | 's3:PutObjectAcl'
  | 's3:PutObjectTagging'
  | 's3:PutObjectRetention'
  | 's3:PutObjectLegalHold'
  | 's3:DeleteObject'
  | 's3:DeleteObjectVersion'
  | 's3:BypassGovernanceRetention'
  | 's3:AbortMultipartUpload'
  | 's3:ListMultipartUploadParts'

export type Permission =
  | { readonly action: 's3:ListAllMyBuckets' }
  | { readonly action: Action; readonly bucket: string; readonly tenant: string }
  | {
      readonly action: Action
      readonly bucket: string
      readonly tenant: string
      readonly key: string
      readonly versionId?: string
    }
