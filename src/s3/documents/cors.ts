import { compareKeys } from '../../domain/listing/order.ts'
import { s3Error } from '../../errors.ts'
import type { CorsRule } from '../../storage/metadata/settings.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

/** How a dialect reads and prints CORSConfiguration. */
export interface CorsDocuments {
  /**
   * What a method that does not exist, a second `*` and their like are. RGW says MalformedXML to everything that is
   * wrong in a rule (recorded: cors.put.bad_maxage), AWS says InvalidRequest to wrong values.
   */
  readonly mistake: 'MalformedXML' | 'InvalidRequest'
  /**
   * Whether a rule needs a method, its id must be its own, and exposed headers have no `*`, as on AWS. RGW takes a rule
   * without methods (recorded: cors.put.no_method).
   */
  readonly strict: boolean
  /** RGW prints no XML declaration here (recorded: cors.get). */
  readonly declaration: boolean
  /** RGW keeps methods, origins and headers as sets, and prints them in the order of those (recorded: cors.get). */
  readonly sorted: boolean
}

/** S3's documented limit is 64 KB. */
export const CORS_BYTES_MAX = 64 * 1024
/** S3's documented limit; the ZOS manual's section 1.27 has the same. */
export const CORS_RULES_MAX = 100
/** In characters; the ZOS manual's section 1.27. */
const ID_LENGTH_MAX = 255
/** What fits RGW's 32-bit number; 136 years. */
const MAX_AGE_SECONDS_MAX = 2 ** 32 - 1

/** In the order in which RGW prints them. */
const METHODS = ['GET', 'PUT', 'DELETE', 'HEAD', 'POST']
/** RFC 9110 section 5.6.2. `*` is one of its characters. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const CHILDREN: ReadonlySet<string> = new Set([
  'ID',
  'AllowedMethod',
  'AllowedOrigin',
  'AllowedHeader',
  'ExposeHeader',
  'MaxAgeSeconds',
])

/**
 * CORSConfiguration: its rules in their order.
 * @throws S3Error MalformedXML, also in RGW (recorded: cors.put.malformed); InvalidRequest for more than 100 rules, and
 *   for wrong values where the dialect says so
 */
export function readCors(document: Buffer, rules: CorsDocuments): readonly CorsRule[] {
  const elements = parseDocument(document, 'CORSConfiguration').children()
  if (elements.length === 0 || elements.some(({ name }) => name !== 'CORSRule')) throw s3Error('MalformedXML')
  if (elements.length > CORS_RULES_MAX) {
    const message = `The number of CORS rules should not exceed allowed limit of ${CORS_RULES_MAX} rules.`
    throw s3Error('InvalidRequest', {}, { message })
  }
  const read = elements.map((element) => readRule(element, rules))
  if (rules.strict) assertOwnIds(read)
  return read
}

function readRule(element: XmlElement, rules: CorsDocuments): CorsRule {
  const texts = (name: string): string[] => element.children(name).map(({ text }) => text.trim())
  const isRule = element.children().every(({ name }) => CHILDREN.has(name))
  if (!isRule || texts('ID').length > 1 || texts('MaxAgeSeconds').length > 1) throw s3Error('MalformedXML')
  const rule: CorsRule = {
    id: texts('ID')[0],
    allowedOrigins: texts('AllowedOrigin'),
    allowedMethods: texts('AllowedMethod'),
    allowedHeaders: texts('AllowedHeader'),
    exposeHeaders: texts('ExposeHeader'),
    maxAgeSeconds: readMaxAge(texts('MaxAgeSeconds')[0]),
  }
  if (rule.allowedOrigins.length === 0) throw s3Error('MalformedXML')
  if (rules.strict && rule.allowedMethods.length === 0) throw s3Error('MalformedXML')
  const mistake = mistakeIn(rule, rules)
  if (mistake !== undefined) throw s3Error(rules.mistake, {}, { message: mistake })
  return rule
}

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(seconds <= MAX_AGE_SECONDS_MAX)) throw s3Error('MalformedXML')
  return seconds
}

/** The first wrong value of a rule, in AWS's words. */
function mistakeIn(rule: CorsRule, { strict }: CorsDocuments): string | undefined {
  const { id = '', allowedOrigins, allowedMethods, allowedHeaders, exposeHeaders } = rule
  if (id.length > ID_LENGTH_MAX) return `The ID of a rule has at most ${ID_LENGTH_MAX} characters.`
  const method = allowedMethods.find((one) => !METHODS.includes(one))
  if (method !== undefined) return `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`
  const origin = allowedOrigins.find(hasManyStars)
  if (origin !== undefined) return `AllowedOrigin "${origin}" can not have more than one wildcard.`
  const header = allowedHeaders.find(hasManyStars)
  if (header !== undefined) return `AllowedHeader "${header}" can not have more than one wildcard.`
  const star = strict ? exposeHeaders.find((one) => one.includes('*')) : undefined
  if (star !== undefined) {
    return `ExposeHeader "${star}" contains wildcard. We currently do not support wildcard for ExposeHeader.`
  }
  const noName = [...allowedHeaders, ...exposeHeaders].find((one) => !HEADER_NAME.test(one))
  return noName === undefined ? undefined : `"${noName}" contains a character that no header name has.`
}

function hasManyStars(pattern: string): boolean {
  return pattern.indexOf('*') !== pattern.lastIndexOf('*')
}

function assertOwnIds(rules: readonly CorsRule[]): void {
  const seen = new Set<string>()
  for (const { id = '' } of rules) {
    if (id !== '' && seen.has(id)) {
      const message = `Rule ID must be unique. Found same ID for more than one rule: ${id}`
      throw s3Error('InvalidRequest', {}, { message })
    }
    seen.add(id)
  }
}

/** The answer of GetBucketCors. */
export function corsDocument(rules: readonly CorsRule[], { sorted, declaration }: CorsDocuments): string {
  const inOrder = (texts: readonly string[]) => (sorted ? [...new Set(texts)].sort(compareKeys) : texts)
  const CORSRule = rules.map((rule) => ({
    ID: rule.id === '' ? undefined : rule.id,
    AllowedMethod: sorted ? METHODS.filter((method) => rule.allowedMethods.includes(method)) : rule.allowedMethods,
    AllowedOrigin: inOrder(rule.allowedOrigins),
    AllowedHeader: inOrder(rule.allowedHeaders),
    MaxAgeSeconds: rule.maxAgeSeconds,
    ExposeHeader: rule.exposeHeaders,
  }))
  return buildDocument('CORSConfiguration', { CORSRule }, { declaration })
}
