import {
  type BucketCannedACL,
  type BucketVersioningStatus,
  CreateBucketCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { type TestResponse, type TestServer, type UserName, uniqueName } from './server.ts'

export interface TestBucketOptions {
  readonly versioning?: BucketVersioningStatus
  readonly objectLock?: boolean
  readonly acl?: BucketCannedACL
  readonly user?: UserName
}

/** A new bucket of its own for a test; its name. */
export async function createBucket(server: TestServer, options: TestBucketOptions = {}): Promise<string> {
  const s3 = server.s3({ user: options.user ?? 'root' })
  const Bucket = uniqueName('b')
  const ObjectLockEnabledForBucket = options.objectLock
  await s3.send(new CreateBucketCommand({ Bucket, ACL: options.acl, ObjectLockEnabledForBucket }))
  if (options.versioning !== undefined) await setVersioning(server, Bucket, options.versioning)
  return Bucket
}

export async function setVersioning(server: TestServer, Bucket: string, Status: BucketVersioningStatus): Promise<void> {
  await server.s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

/** Status and code of an error document, as `404 NoSuchKey`; the status alone where the answer is none. */
export function verdict({ status, text }: TestResponse): string {
  const code = /<Error>.*?<Code>(\w+)<\/Code>/s.exec(text)?.[1]
  return code === undefined ? String(status) : `${status} ${code}`
}
