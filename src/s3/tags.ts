import type { Tag } from '../storage/metadata/rows.ts'
import type { Dialect } from './dialect.ts'

/** S3's and the ZOS manual's limits, in what the dialect counts: bytes of UTF-8, or characters. */
const TAG_KEY_MAX = 128
const TAG_VALUE_MAX = 256
const AWS_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
/** AWS's own tags, which nobody else may set. */
const AWS_PREFIX = /^aws:/i

/** What tags ask the dialect. */
export type TagRule = Pick<
  Dialect,
  'objectTagsMax' | 'allowsDuplicateTags' | 'restrictsTagCharacters' | 'countsTagBytes' | 'tooManyTags' | 'badHeaderTag'
>

/** What is wrong with tags. What it answers depends on where they stand: in a header or in a document. */
export interface TagFault {
  readonly kind: 'too-many' | 'length' | 'characters' | 'reserved' | 'duplicate'
  readonly message: string
  /** The key of the tag that is wrong; undefined where it is none by itself. */
  readonly key: string | undefined
}

/** The first fault of these tags; undefined if they may be stored. */
export function findTagFault(
  tags: readonly Tag[],
  { max, what, rule }: { max: number; what: 'Object' | 'Bucket'; rule: TagRule },
): TagFault | undefined {
  if (tags.length > max) {
    return { kind: 'too-many', message: `${what} tags cannot be greater than ${max}`, key: undefined }
  }
  const keys = new Set<string>()
  for (const tag of tags) {
    const fault = findOneFault(tag, rule)
    if (fault !== undefined) return fault
    const { key } = tag
    if (!rule.allowsDuplicateTags && keys.has(key)) {
      return { kind: 'duplicate', message: 'Cannot provide multiple Tags with the same key', key }
    }
    keys.add(key)
  }
  return undefined
}

function findOneFault({ key, value }: Tag, rule: TagRule): TagFault | undefined {
  const badKey = 'The TagKey you have provided is invalid'
  const badValue = 'The TagValue you have provided is invalid'
  const lengthOf = rule.countsTagBytes ? Buffer.byteLength : countCharacters
  if (key === '' || lengthOf(key) > TAG_KEY_MAX) return { kind: 'length', message: badKey, key }
  if (lengthOf(value) > TAG_VALUE_MAX) return { kind: 'length', message: badValue, key }
  if (!rule.restrictsTagCharacters) return undefined
  if (!AWS_CHARACTERS.test(key)) return { kind: 'characters', message: badKey, key }
  if (!AWS_CHARACTERS.test(value)) return { kind: 'characters', message: badValue, key }
  if (AWS_PREFIX.test(key)) return { kind: 'reserved', message: 'Your TagKey cannot be prefixed with aws:', key }
  return undefined
}

/** AWS documents "Unicode characters in UTF-16": what JavaScript counts. */
function countCharacters(text: string): number {
  return text.length
}
