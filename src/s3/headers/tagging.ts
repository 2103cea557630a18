import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'

const NAME = 'x-amz-tagging'
/** S3's and the ZOS manual's limits; S3 counts characters, ZOS and RGW bytes. The larger reading is taken for both. */
const TAG_KEY_MAX = 128
const TAG_VALUE_MAX = 256
const AWS_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** What x-amz-tagging asks the dialect. */
type TagRule = Pick<Dialect, 'objectTagsMax' | 'allowsDuplicateTags' | 'restrictsTagCharacters'>

/**
 * x-amz-tagging: tags as the query of a URL, in the order they came.
 * @throws S3Error InvalidArgument if it is no such query, or names a tag twice where the dialect forbids it, or holds
 *   too many tags or too long ones (recorded: object.put.tagging_11, tagging_bad); InvalidTag for characters AWS
 *   refuses
 */
export function parseTagging(value: string, dialect: TagRule): readonly Tag[] {
  const tags = value === '' ? [] : value.split('&').map((pair) => parseTag(pair))
  if (tags.length > dialect.objectTagsMax) {
    throw invalid(`Object tags cannot be greater than ${dialect.objectTagsMax}`)
  }
  for (const { key, value: text } of tags) {
    if (key === '' || key.length > TAG_KEY_MAX) throw invalid('The TagKey you have provided is invalid')
    if (text.length > TAG_VALUE_MAX) throw invalid('The TagValue you have provided is invalid')
    if (dialect.restrictsTagCharacters && !(AWS_CHARACTERS.test(key) && AWS_CHARACTERS.test(text))) {
      throw s3Error('InvalidTag', { TagKey: key })
    }
  }
  if (!dialect.allowsDuplicateTags && new Set(tags.map((tag) => tag.key)).size < tags.length) {
    throw invalid('Cannot provide multiple Tags with the same key')
  }
  return tags
}

function parseTag(pair: string): Tag {
  const at = pair.indexOf('=')
  return at < 0
    ? { key: decode(pair), value: '' }
    : { key: decode(pair.slice(0, at)), value: decode(pair.slice(at + 1)) }
}

/** Clients build the header with their form encoders, so `+` is a space here. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalid("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters.")
  }
}

function invalid(message: string): Error {
  return s3Error('InvalidArgument', { ArgumentName: NAME }, { message })
}
