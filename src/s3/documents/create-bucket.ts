import type { RequestedAcl } from '../../domain/access/acl.ts'
import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import type { ObjectOwnership } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { readAclHeaders } from '../headers/acl.ts'
import { readStorageClass } from '../headers/storage-class.ts'
import type { RequestHead, Wire } from '../request.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'
import { OBJECT_OWNERSHIPS } from './ownership-controls.ts'
import { readTagSet } from './tagging.ts'

/** All that a CreateBucket request says beside the name. */
export interface CreateBucketRequest {
  /** Empty where the request has no LocationConstraint. */
  readonly locationConstraint: string
  readonly acl: RequestedAcl
  /** Undefined where the request leaves it to the provider's custom. */
  readonly ownership: ObjectOwnership | undefined
  readonly objectLock: boolean
  readonly storageClass: string
  readonly azPolicy: string | undefined
  /** Empty where the request has none. */
  readonly tags: readonly Tag[]
}

/**
 * The ZOS manual tells only the SDK's member AZPolicy: both likely spellings of its header are read, and an element.
 */
const AZ_POLICY_HEADERS = ['x-amz-az-policy', 'x-zos-az-policy']
const AZ_POLICY_ELEMENT = 'AZPolicy'
const TAGS_ELEMENT = 'Tags'
const SERVED: ReadonlySet<string> = new Set(['LocationConstraint', AZ_POLICY_ELEMENT, TAGS_ELEMENT])
const OWNERSHIP_HEADER = 'x-amz-object-ownership'
/** The ZOS manual's section 1.1. */
const AZ_POLICIES = ['single-az', 'multi-az']

/**
 * @throws S3Error InvalidArgument, InvalidStorageClass, MalformedXML, NotImplemented for what would be dropped
 * otherwise; those of readAclHeaders and readTagSet
 */
export function readCreateBucket({ head, dialect, document }: Wire): CreateBucketRequest {
  const configuration = document.length === 0 ? undefined : readConfiguration(document, dialect)
  return {
    locationConstraint: configuration?.child('LocationConstraint')?.text.trim() ?? '',
    acl: readAclHeaders({ head, dialect }, 'bucket') ?? 'private',
    ownership: oneOf(OWNERSHIP_HEADER, head.headers.get(OWNERSHIP_HEADER), OBJECT_OWNERSHIPS),
    objectLock: readFlag(head, 'x-amz-bucket-object-lock-enabled'),
    storageClass: readStorageClass({ head, dialect }) ?? 'STANDARD',
    azPolicy: readAzPolicy(head, configuration),
    tags: readTags(configuration, dialect),
  }
}

function readConfiguration(document: Buffer, dialect: Dialect): XmlElement {
  const root = readBucketDocument(document, { root: 'CreateBucketConfiguration', dialect })
  // Location and Bucket make a directory bucket: they may not be silently forgotten.
  const unserved = root.children().find(({ name }) => !SERVED.has(name))
  if (unserved !== undefined) throw s3Error('NotImplemented', { Element: unserved.name })
  // RGW refuses a body that says nothing; AWS made the constraint optional when it added other elements.
  if (root.children().length === 0 && dialect.rgwExtensions) throw malformed(dialect)
  return root
}

function readTags(configuration: XmlElement | undefined, dialect: Dialect): readonly Tag[] {
  const set = configuration?.child(TAGS_ELEMENT)
  return set === undefined ? [] : readTagSet(set, { max: dialect.bucketTagsMax, what: 'Bucket', rule: dialect })
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
