// Written by hand instead of with fast-xml-parser's builder: that one takes five times as long for a listing of 1,000
// keys (4.9 ms against 0.9 ms), cannot leave out undefined values, and its escaping is not RGW's.

export type XmlValue = string | number | boolean | undefined | XmlContent | readonly XmlValue[]

/**
 * Children in order. An array repeats its element, undefined leaves it out, '' prints `<A></A>`. A name that begins
 * with `@` is an attribute, `#text` is text beside attributes.
 */
export interface XmlContent {
  readonly [name: string]: XmlValue
}

export interface BuildOptions {
  /** The root's xmlns: S3's own unless given; undefined for none. */
  readonly namespace?: string | undefined
  /** Whether the XML declaration comes first; it does unless this is false. */
  readonly declaration?: boolean
}

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

/** A document on one line, without white space between its elements, as S3 and RGW print it. */
export function buildDocument(root: string, content: XmlContent | string, options: BuildOptions = {}): string {
  const namespace = 'namespace' in options ? options.namespace : S3_NAMESPACE
  const text = typeof content === 'string' ? content : undefined
  const body: XmlContent = typeof content === 'string' ? { '#text': text } : content
  const start = options.declaration === false ? '' : XML_DECLARATION
  return start + element(root, namespace === undefined ? body : { '@xmlns': namespace, ...body })
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return `<${name}>${escapeXml(value)}</${name}>`
  if (typeof value !== 'object') return `<${name}>${value}</${name}>`
  if (isList(value)) {
    let repeated = ''
    for (const item of value) repeated += element(name, item)
    return repeated
  }
  let attributes = ''
  let inside = ''
  for (const key in value) {
    const part = value[key]
    if (part === undefined) continue
    if (key.charCodeAt(0) === AT_SIGN) attributes += ` ${key.slice(1)}="${escapeXml(String(part))}"`
    else if (key === '#text') inside += escapeXml(String(part))
    else inside += element(key, part)
  }
  return `<${name}${attributes}>${inside}</${name}>`
}

const AT_SIGN = 0x40

function isList(value: XmlContent | readonly XmlValue[]): value is readonly XmlValue[] {
  return Array.isArray(value)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that RGW escapes
const SPECIAL = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f]/
const ALL_SPECIAL = new RegExp(SPECIAL, 'g')
const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * Text for an element or an attribute, escaped as RGW does (recorded: ETags with `&quot;`, keys with `&apos;` and
 * `&#x01;`). A carriage return must be a reference anyway: XML readers turn a bare one into a line feed.
 */
export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replace(ALL_SPECIAL, (char) => ESCAPED[char] ?? reference(char))
}

function reference(char: string): string {
  return `&#x${char.charCodeAt(0).toString(16).padStart(2, '0')};`
}
