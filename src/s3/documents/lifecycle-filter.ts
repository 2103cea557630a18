import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import type { LifecycleFilter } from '../../storage/metadata/settings.ts'
import type { XmlContent } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import type { LifecycleDocuments } from './lifecycle.ts'
import { childrenOf } from './lifecycle-elements.ts'

/** AWS's limits of sizes in a filter, in bytes, and its words for them. */
const SIZE_MAX = 1_099_511_627_776_000
/** As long as a key can be, in bytes of UTF-8. */
const PREFIX_BYTES_MAX = 1024
/** Tags that a filter can name: an object bears no more in any dialect. */
const TAGS_MAX = 50
/** The limits of tags, in characters. */
const TAG_KEY_MAX = 128
const TAG_VALUE_MAX = 256

const CONDITIONS = ['Prefix', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan']

/** Of the old form, which has a prefix and nothing else. */
export function readOldPrefix(element: XmlElement): LifecycleFilter {
  return { prefix: readPrefix(element), tags: [], isAnd: false }
}

/**
 * A rule's Filter: one condition, several in an And, or none. RGW takes several side by side, too, and hands them back
 * so (recorded: lifecycle.get.and_tags).
 * @throws S3Error MalformedXML; InvalidRequest for sizes and tags that contradict each other
 */
export function readFilter(element: XmlElement, { strict }: LifecycleDocuments): LifecycleFilter {
  const and = element.child('And')
  const children = element.children().length
  const isAlone = children <= 1
  if (!isAlone && (strict || and !== undefined)) throw s3Error('MalformedXML')
  const isTooFew = and !== undefined && and.children().length < 2
  if (isTooFew && strict) throw s3Error('MalformedXML')
  return { ...readConditions(and ?? element), isAnd: and !== undefined || children > 1 }
}

function readConditions(element: XmlElement): Omit<LifecycleFilter, 'isAnd'> {
  // Before a single condition is told from an And, so that an unknown element is not taken for one.
  const children = childrenOf(element, { one: [...CONDITIONS, 'And'], many: ['Tag'] })
  if (element.name === 'And' && children.one('And') !== undefined) throw s3Error('MalformedXML')
  const prefix = children.one('Prefix')
  const filter = {
    ...(prefix === undefined ? {} : { prefix: readPrefix(prefix) }),
    tags: children.many('Tag').map(readTag),
    ...readSize(children.one('ObjectSizeGreaterThan'), { name: 'sizeGreaterThan', least: 0 }),
    ...readSize(children.one('ObjectSizeLessThan'), { name: 'sizeLessThan', least: 1 }),
  }
  const { sizeGreaterThan = -1, sizeLessThan = Number.POSITIVE_INFINITY } = filter as Partial<LifecycleFilter>
  if (sizeLessThan <= sizeGreaterThan) {
    throw invalid("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
  }
  if (filter.tags.length > TAGS_MAX) throw s3Error('MalformedXML')
  if (new Set(filter.tags.map(({ key }) => key)).size < filter.tags.length) {
    throw invalid('Duplicate Tag Keys are not allowed.')
  }
  return filter
}

function readPrefix({ text }: XmlElement): string {
  if (Buffer.byteLength(text) <= PREFIX_BYTES_MAX) return text
  throw invalid(`The maximum size of a prefix is ${PREFIX_BYTES_MAX}.`)
}

function readTag(element: XmlElement): Tag {
  const children = childrenOf(element, { one: ['Key', 'Value'] })
  const key = children.one('Key')?.text ?? ''
  const value = children.one('Value')?.text ?? ''
  if (key === '' || key.length > TAG_KEY_MAX || value.length > TAG_VALUE_MAX) throw s3Error('MalformedXML')
  return { key, value }
}

function readSize(
  element: XmlElement | undefined,
  { name, least }: { name: 'sizeGreaterThan' | 'sizeLessThan'; least: number },
): Partial<LifecycleFilter> {
  if (element === undefined) return {}
  const text = element.text.trim()
  if (!/^-?\d{1,16}$/.test(text)) throw s3Error('MalformedXML')
  const value = Number(text)
  if (value >= least && value <= SIZE_MAX) return { [name]: value }
  throw invalid(`'${element.name}' should be between ${least} and ${SIZE_MAX}.`)
}

function invalid(message: string): Error {
  return s3Error('InvalidRequest', {}, { message })
}

/** A rule's filter as the dialect prints it, under the name of its element. */
export function filterContent(
  { filter, isOldForm }: { filter: LifecycleFilter; isOldForm: boolean },
  { flattensFilters, prefixForNoFilter }: LifecycleDocuments,
): XmlContent {
  const { prefix, tags, sizeGreaterThan, sizeLessThan, isAnd } = filter
  const conditions: XmlContent = {
    Prefix: prefix,
    Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })),
    ObjectSizeGreaterThan: sizeGreaterThan,
    ObjectSizeLessThan: sizeLessThan,
  }
  const isEmpty =
    (prefix ?? '') === '' && tags.length === 0 && sizeGreaterThan === undefined && sizeLessThan === undefined
  if (isOldForm || (isEmpty && prefixForNoFilter)) return { Prefix: prefix ?? '' }
  return { Filter: isAnd && !flattensFilters ? { And: conditions } : conditions }
}
