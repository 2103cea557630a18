import { s3Error } from '../../errors.ts'
import type { CannedAcl } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { readStorageClass } from '../headers/storage-class.ts'
import type { RequestHead, Wire } from '../request.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

/** All that a CreateBucket request says beside the name. */
export interface CreateBucketRequest {
  /** Empty where the request has no LocationConstraint. */
  readonly locationConstraint: string
  readonly acl: CannedAcl
  readonly objectLock: boolean
  readonly storageClass: string
  readonly azPolicy: string | undefined
}

const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const satisfies readonly CannedAcl[]

/**
 * The ZOS manual tells only the SDK's member AZPolicy: both likely spellings of its header are read, and an element.
 */
const AZ_POLICY_HEADERS = ['x-amz-az-policy', 'x-zos-az-policy']
const AZ_POLICY_ELEMENT = 'AZPolicy'
/** The ZOS manual's section 1.1. */
const AZ_POLICIES = ['single-az', 'multi-az']

/**
 * @throws S3Error InvalidArgument, InvalidStorageClass, MalformedXML, NotImplemented for what would be dropped
 * otherwise
 */
export function readCreateBucket({ head, dialect, document }: Wire): CreateBucketRequest {
  const configuration = document.length === 0 ? undefined : readConfiguration(document, dialect)
  return {
    locationConstraint: configuration?.child('LocationConstraint')?.text.trim() ?? '',
    acl: oneOf('x-amz-acl', head.headers.get('x-amz-acl'), CANNED_ACLS) ?? 'private',
    objectLock: readFlag(head, 'x-amz-bucket-object-lock-enabled'),
    storageClass: readStorageClass({ head, dialect }) ?? 'STANDARD',
    azPolicy: readAzPolicy(head, configuration),
  }
}

function readConfiguration(document: Buffer, dialect: Dialect): XmlElement {
  const root = readBucketDocument(document, { root: 'CreateBucketConfiguration', dialect })
  // Location and Bucket make a directory bucket, Tags are a feature of its own: neither may be silently forgotten.
  const unserved = root.children().find(({ name }) => name !== 'LocationConstraint' && name !== AZ_POLICY_ELEMENT)
  if (unserved !== undefined) throw s3Error('NotImplemented', { Element: unserved.name })
  // RGW refuses a body that says nothing; AWS made the constraint optional when it added other elements.
  if (root.children().length === 0 && dialect.rgwExtensions) throw malformed(dialect)
  return root
}

function readAzPolicy(head: RequestHead, configuration: XmlElement | undefined): string | undefined {
  for (const header of AZ_POLICY_HEADERS) {
    const policy = oneOf(header, head.headers.get(header), AZ_POLICIES)
    if (policy !== undefined) return policy
  }
  return oneOf(AZ_POLICY_ELEMENT, configuration?.child(AZ_POLICY_ELEMENT)?.text.trim(), AZ_POLICIES)
}

function oneOf<T extends string>(name: string, given: string | undefined, values: readonly T[]): T | undefined {
  if (given === undefined) return undefined
  const value = values.find((one) => one === given)
  if (value === undefined) throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: given })
  return value
}

/** `true` and `false` in any case (recorded: bucket.create.object_lock and its neighbours). */
function readFlag(head: RequestHead, header: string): boolean {
  const given = head.headers.get(header)
  if (given === undefined) return false
  const value = given.toLowerCase()
  if (value !== 'true' && value !== 'false') {
    throw s3Error('InvalidArgument', { ArgumentName: header, ArgumentValue: given })
  }
  return value === 'true'
}
