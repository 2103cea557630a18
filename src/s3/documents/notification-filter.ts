import { readKeyPattern } from '../../domain/notifications/key-pattern.ts'
import { s3Error } from '../../errors.ts'
import type { Tag } from '../../storage/metadata/rows.ts'
import type { NotificationFilter } from '../../storage/metadata/settings.ts'
import type { XmlContent } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'

type FilterNames = 'exact' | 'any-case'

/** In the order in which RGW prints them (recorded: notification.get.one_n2). */
const KEY_RULES = ['prefix', 'suffix', 'regex'] as const
type KeyRule = (typeof KEY_RULES)[number]

/** Rules of metadata, and of tags: an object has ten tags. It bounds what an event is held against. */
const RULES_MAX = 20
/** A key has no more, in bytes of UTF-8. */
const KEY_TEXT_BYTES_MAX = 1024
const METADATA_NAME = /^x-amz-meta-[!#$%&'*+\-.^_`|~0-9a-z]+$/i

/**
 * Filter: RGW's S3Key, S3Metadata and S3Tags, of which AWS has the first. Undefined for one that asks nothing.
 * @throws S3Error MalformedXML; InvalidArgument for what no object could have, and for a regular expression that is
 *   none, or cannot be matched in linear time
 */
export function readFilter(element: XmlElement, names: FilterNames): NotificationFilter | undefined {
  const parts = ['S3Key', 'S3Metadata', 'S3Tags']
  if (element.children().some(({ name }) => !parts.includes(name))) throw s3Error('MalformedXML')
  const keyRules = readKeyRules(readRules(element, 'S3Key'), names)
  const metadata = readRules(element, 'S3Metadata')
  const tags = readRules(element, 'S3Tags')
  if (metadata.length > RULES_MAX || tags.length > RULES_MAX) throw invalid(`A filter has at most ${RULES_MAX} rules`)
  const foreign = metadata.find(({ key }) => !METADATA_NAME.test(key))
  if (foreign !== undefined) throw invalid(`"${foreign.key}" is no name of user metadata, x-amz-meta-…`)
  const asksNothing = Object.keys(keyRules).length === 0 && metadata.length === 0 && tags.length === 0
  return asksNothing ? undefined : { ...keyRules, metadata, tags }
}

/** The FilterRules of a part, in their order. */
function readRules(filter: XmlElement, part: string): Tag[] {
  const [first, second] = filter.children(part)
  if (second !== undefined) throw s3Error('MalformedXML')
  return (first?.children() ?? []).map((rule) => {
    const [name, value] = [rule.children('Name'), rule.children('Value')]
    const isRule = rule.name === 'FilterRule' && name.length === 1 && value.length <= 1
    if (!isRule || rule.children().length !== name.length + value.length) throw s3Error('MalformedXML')
    return { key: (name[0]?.text ?? '').trim(), value: value[0]?.text ?? '' }
  })
}

function readKeyRules(rules: readonly Tag[], names: FilterNames): Partial<Record<KeyRule, string>> {
  const read: Partial<Record<KeyRule, string>> = {}
  for (const { key, value } of rules) {
    const name = KEY_RULES.find((one) => one === (names === 'exact' ? key : key.toLowerCase()))
    if (name === undefined || read[name] !== undefined) throw badName(key, names)
    if (Buffer.byteLength(value) > KEY_TEXT_BYTES_MAX) throw invalid(`The ${name} is longer than a key can be`)
    read[name] = value
  }
  if (read.regex === undefined) return read
  const reading = readKeyPattern(read.regex)
  if ('problem' in reading) throw invalid(`The regular expression "${read.regex}" cannot be used: ${reading.problem}`)
  return read
}

/** RGW cannot read such a document (rgw_pubsub.cc); AWS's message. */
function badName(key: string, names: FilterNames): Error {
  const message = `"${key}" is no filter rule name, or is given twice: it must be one of ${KEY_RULES.join(', ')}`
  return s3Error(names === 'exact' ? 'MalformedXML' : 'InvalidArgument', {}, { message })
}

function invalid(message: string): Error {
  return s3Error('InvalidArgument', { ArgumentName: 'Filter' }, { message })
}

/** Undefined where there is nothing in it. */
export function filterElement(filter: NotificationFilter | undefined): XmlContent | undefined {
  if (filter === undefined) return undefined
  const keys = KEY_RULES.flatMap((name) => (filter[name] === undefined ? [] : [{ key: name, value: filter[name] }]))
  return { S3Key: part(keys), S3Metadata: part(filter.metadata), S3Tags: part(filter.tags) }
}

function part(rules: readonly Tag[]): XmlContent | undefined {
  if (rules.length === 0) return undefined
  return { FilterRule: rules.map(({ key, value }) => ({ Name: key, Value: value })) }
}
