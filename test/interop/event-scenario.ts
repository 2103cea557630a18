// All that can happen to objects and that somebody can be told of, done to one bucket by a client.

import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  ListObjectVersionsCommand,
  type NotificationConfiguration,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { exactly, FORM_TYPE, formBody, policyOf, signFormV2 } from '../support/form.ts'
import { type SignKey, signV4 } from '../support/sign.ts'

export interface Place {
  readonly s3: S3Client
  readonly endpoint: string
  readonly key: SignKey
  readonly bucket: string
}

/** What each key's events are called, in their order: by Ceph's names, and by AWS's where there is another. */
export const SCENARIO: Readonly<Record<string, readonly (readonly [rgw: string, aws?: string])[]>> = {
  doc: [
    ['ObjectCreated:Put'],
    ['ObjectTagging:Put'],
    ['ObjectTagging:Delete'],
    ['ObjectAcl:Put'],
    ['ObjectRemoved:DeleteMarkerCreated'],
    // The marker, and then the object.
    ['ObjectRemoved:Delete'],
    ['ObjectRemoved:Delete'],
  ],
  'form 表': [['ObjectCreated:Post'], ['ObjectRemoved:DeleteMarkerCreated']],
  copy: [['ObjectCreated:Copy'], ['ObjectRemoved:DeleteMarkerCreated']],
  parts: [['ObjectCreated:CompleteMultipartUpload'], ['ObjectRemoved:Delete']],
  log: [['ObjectCreated:Put'], ['ObjectCreated:Put']],
  'old/x': [['ObjectCreated:Put'], ['ObjectLifecycle:Expiration:Current', 'LifecycleExpiration:DeleteMarkerCreated']],
  'nc/z': [
    ['ObjectCreated:Put'],
    ['ObjectCreated:Put'],
    ['ObjectLifecycle:Expiration:Noncurrent', 'LifecycleExpiration:Delete'],
  ],
  'nct/w': [
    ['ObjectCreated:Put'],
    ['ObjectCreated:Put'],
    ['ObjectLifecycle:Transition:Noncurrent', 'LifecycleTransition'],
  ],
  'mark/m': [
    ['ObjectCreated:Put'],
    ['ObjectRemoved:DeleteMarkerCreated'],
    ['ObjectRemoved:Delete'],
    ['ObjectLifecycle:Expiration:DeleteMarker', 'LifecycleExpiration:Delete'],
  ],
  // Of an upload that was never completed AWS tells nobody.
  'up/u': [['ObjectLifecycle:Expiration:AbortMPU', '']],
  'cold/y': [
    ['ObjectCreated:Put'],
    ['ObjectLifecycle:Transition:Current', 'LifecycleTransition'],
    ['ObjectRestore:Post'],
    ['ObjectRestore:Completed'],
    ['ObjectRestore:Delete'],
  ],
}

const COMMON_EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectRemoved:*',
  's3:ObjectRestore:*',
  's3:ObjectTagging:*',
  's3:ObjectAcl:Put',
]
export const ALL_EVENTS = {
  rgw: [...COMMON_EVENTS, 's3:ObjectLifecycle:*'],
  aws: [...COMMON_EVENTS, 's3:LifecycleExpiration:*', 's3:LifecycleTransition'],
} as const

/** A bucket that tells the topics of all there is. */
export async function prepareBucket(
  { s3, bucket: Bucket }: Place,
  topics: readonly string[],
  vocabulary: keyof typeof ALL_EVENTS,
): Promise<void> {
  // AWS's new buckets have no ACLs otherwise.
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }))
  const NotificationConfiguration = {
    TopicConfigurations: topics.map((name) => ({
      Id: `to-${name}`,
      TopicArn: `arn:aws:sns:default::${name}`,
      Events: [...ALL_EVENTS[vocabulary]],
    })),
  } as NotificationConfiguration
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
  const rule = { Status: 'Enabled' } as const
  const Rules = [
    { ...rule, ID: 'expire', Filter: { Prefix: 'old/' }, Expiration: { Days: 1 } },
    {
      ...rule,
      ID: 'archive',
      Filter: { Prefix: 'cold/' },
      Transitions: [{ Days: 1, StorageClass: 'GLACIER' as const }],
    },
    { ...rule, ID: 'past', Filter: { Prefix: 'nc/' }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    {
      ...rule,
      ID: 'past-archive',
      Filter: { Prefix: 'nct/' },
      NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass: 'GLACIER' as const }],
    },
    { ...rule, ID: 'markers', Filter: { Prefix: 'mark/' }, Expiration: { ExpiredObjectDeleteMarker: true } },
    { ...rule, ID: 'uploads', Filter: { Prefix: 'up/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  ]
  // AWS moves small objects only where it is told to.
  const TransitionDefaultMinimumObjectSize = vocabulary === 'aws' ? 'varies_by_storage_class' : undefined
  const LifecycleConfiguration = { Rules }
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize }),
  )
}

/** What clients do by themselves, of which the lifecycle rules go on when days have passed. */
export async function changeObjects(place: Place): Promise<void> {
  const { s3, bucket: Bucket } = place
  // Nothing is appended where versions are kept.
  await append(place, 'log', 0)
  await append(place, 'log', 'log'.length)
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  const put = async (Key: string, Body = Key) => await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  const { VersionId: docVersion } = await put('doc')
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'doc', Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } }))
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'doc' }))
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'doc', ACL: 'bucket-owner-read' }))
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/doc` }))
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'doc' }))
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'doc', VersionId: marker }))
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'doc', VersionId: docVersion }))
  await postForm(place, 'form 表')
  const parts = await uploadInParts(place, 'parts')
  const Objects = [{ Key: 'form 表' }, { Key: 'copy' }, { Key: 'parts', VersionId: parts }]
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  if (Errors.length > 0) throw new Error(JSON.stringify(Errors))
  for (const key of ['old/x', 'nc/z', 'nct/w', 'mark/m', 'cold/y']) await put(key)
  for (const key of ['nc/z', 'nct/w']) await put(key, 'newer')
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'mark/m' }))
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'mark/' }))
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'mark/m', VersionId: Versions[0]?.VersionId }))
  await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'up/u' }))
}

export async function restoreObject({ s3, bucket: Bucket }: Place): Promise<void> {
  await s3.send(new RestoreObjectCommand({ Bucket, Key: 'cold/y', RestoreRequest: { Days: 1 } }))
}

async function uploadInParts({ s3, bucket: Bucket }: Place, Key: string): Promise<string | undefined> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: Key }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  const { VersionId } = await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }))
  return VersionId
}

/** As a browser does. */
async function postForm({ endpoint, key, bucket }: Place, name: string): Promise<void> {
  const fields = [['key', name]] as const
  const proven = [...fields, ...signFormV2(policyOf([{ bucket }, ...exactly(fields)]), key)]
  await send(`${endpoint}/${bucket}`, {
    method: 'POST',
    headers: { 'content-type': FORM_TYPE },
    body: formBody({ fields: proven }),
  })
}

/** ZOS's AppendObject, which no SDK of AWS's knows. */
async function append({ endpoint, key, bucket }: Place, name: string, position: number): Promise<void> {
  const url = new URL(`${endpoint}/${bucket}/${name}?append&position=${position}`)
  const body = Buffer.from('log')
  await send(url, { method: 'PUT', headers: signV4({ method: 'PUT', url, body }, key), body })
}

interface Sent {
  readonly method: 'PUT' | 'POST'
  readonly headers: Record<string, string>
  readonly body: Buffer
}

async function send(url: URL | string, sent: Sent): Promise<void> {
  const answer = await fetch(url, sent)
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}
