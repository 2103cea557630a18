import { expect, it } from 'vitest'
import { BINDINGS, type OperationName } from '../../src/s3/bindings.ts'
import { usageCategory } from '../../src/s3/usage-category.ts'

it.each<[OperationName, string]>([
  ['GetObject', 'get_obj'],
  ['HeadObject', 'get_obj'],
  ['PutObject', 'put_obj'],
  ['UploadPart', 'put_obj'],
  ['ListBuckets', 'list_buckets'],
  ['ListObjectVersions', 'list_bucket'],
  ['CreateBucket', 'create_bucket'],
  ['HeadBucket', 'stat_bucket'],
  ['DeleteObjects', 'multi_object_delete'],
  ['CreateMultipartUpload', 'init_multipart'],
  ['PutObjectAcl', 'put_acls'],
  ['GetBucketPolicyStatus', 'get_bucket_policy_status'],
])('%s is %s', (operation, category) => {
  expect(usageCategory(operation)).toBe(category)
})

it('has a word for every operation of S3, and none for those of the admin API', () => {
  const words = (Object.keys(BINDINGS) as OperationName[]).map(usageCategory)
  for (const word of words) expect(word).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
  expect(usageCategory('AdminGetUser')).toBeUndefined()
})
