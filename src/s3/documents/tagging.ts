import { compareKeys } from '../../domain/listing/order.ts'
import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { findTagFault, type TagRule } from '../tags.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

/** Fifty tags of 128 and 256 characters, each of them a reference such as `&#x1F600;`, are below 200 KiB. */
export const TAGGING_BYTES_MAX = 256 * 1024

export interface TagLimits {
  readonly max: number
  readonly what: 'Object' | 'Bucket'
  readonly rule: TagRule
}

/**
 * The Tagging document of a bucket or an object: its tags in the order they came.
 * @throws S3Error MalformedXML, in RGW too (recorded: bucket_tagging.put.malformed); those of readTagSet
 */
export function readTagging(document: Buffer, limits: TagLimits): readonly Tag[] {
  const root = parseDocument(document, 'Tagging')
  const sets = root.children()
  const [set] = sets
  if (set?.name !== 'TagSet' || sets.length > 1) throw s3Error('MalformedXML')
  return readTagSet(set, limits)
}

/**
 * The Tag elements of a set.
 * @throws S3Error MalformedXML for a tag without Key and Value; InvalidTag for one that may not be stored, and for too
 *   many of them (recorded: object_tagging.put.11; AWS: BadRequest)
 */
export function readTagSet(set: XmlElement, limits: TagLimits): readonly Tag[] {
  const tags = set.children().map(readTag)
  const fault = findTagFault(tags, limits)
  if (fault === undefined) return tags
  const code = fault.kind === 'too-many' ? limits.rule.tooManyTags.document : 'InvalidTag'
  const { message, key } = fault
  throw s3Error(code, key === undefined ? {} : { TagKey: key }, { message })
}

function readTag(element: XmlElement): Tag {
  const key = element.child('Key')
  const value = element.child('Value')
  const isTag = element.name === 'Tag' && element.children().length === 2
  if (!isTag || key === undefined || value === undefined) throw s3Error('MalformedXML')
  return { key: key.text, value: value.text }
}

/** The answer of GetBucketTagging and GetObjectTagging. */
export function taggingDocument(tags: readonly Tag[], dialect: Pick<Dialect, 'sortsTags'>): string {
  const shown = dialect.sortsTags ? tags.toSorted((a, b) => compareKeys(a.key, b.key)) : tags
  return buildDocument('Tagging', { TagSet: { Tag: shown.map(({ key, value }) => ({ Key: key, Value: value })) } })
}
