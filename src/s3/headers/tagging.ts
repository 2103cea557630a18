import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import { findTagFault, type TagFault, type TagRule } from '../tags.ts'

const NAME = 'x-amz-tagging'

/**
 * x-amz-tagging: tags as the query of a URL, in the order they came.
 * @throws S3Error InvalidArgument if it is no such query, or names a tag twice where the dialect forbids it, or holds
 *   too many tags or too long ones (recorded: object.put.tagging_11, tagging_bad; AWS: BadRequest and InvalidTag);
 *   InvalidTag for characters and keys that AWS refuses
 */
export function parseTagging(value: string, rule: TagRule): readonly Tag[] {
  const tags = decodeTagging(value)
  const fault = findTagFault(tags, { max: rule.objectTagsMax, what: 'Object', rule })
  if (fault !== undefined) throw faultError(fault, rule)
  return tags
}

/**
 * The tags as they were sent, whatever may be stored.
 * @throws S3Error InvalidArgument
 */
export function decodeTagging(value: string): readonly Tag[] {
  return value === '' ? [] : value.split('&').map((pair) => parseTag(pair))
}

function faultError({ kind, message, key }: TagFault, rule: TagRule): Error {
  switch (kind) {
    case 'too-many':
      return s3Error(rule.tooManyTags.header, { ArgumentName: NAME }, { message })
    case 'length':
      return s3Error(rule.badHeaderTag, { ArgumentName: NAME }, { message })
    case 'characters':
    case 'reserved':
      return s3Error('InvalidTag', { TagKey: key ?? '' }, { message })
    case 'duplicate':
      return invalid(message)
  }
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
