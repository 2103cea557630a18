import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { s3Error } from '../../errors.ts'

/** A CompleteMultipartUpload of 10,000 parts, each with a checksum, is below 4 MiB; nothing S3 defines is larger. */
export const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024
/**
 * One tag, or one text between two: a key of 1,024 characters, each a reference such as `&#x1F600;`, fits. Parsing
 * takes time for each character of a text, so that a document of nothing else would hold the server up.
 */
export const RUN_BYTES_MAX = 16 * 1024
/** 10,000 parts of at most eight elements each, with room; bounds the memory that a document's tree takes. */
export const ELEMENTS_MAX = 100_000
/** S3's deepest document (replication) nests seven elements. */
export const DEPTH_MAX = 32

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Keys may begin or end with white space, and `007` is a key and not a number.
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  // Entities are decoded below: the library leaves unknown ones in the text, XML calls them malformed.
  processEntities: false,
  cdataPropName: '#cdata',
  // One more for the element that is put around the document.
  maxNestedTags: DEPTH_MAX + 1,
  jPath: false,
})

/** The library's ordered output: an element by its name, with `:@` for its attributes, or a piece of text. */
type ParsedNode = Readonly<Record<string, unknown>>

/**
 * An element of a request's document. Namespaces and prefixes are dropped: S3 documents are told apart by their names.
 */
export class XmlElement {
  readonly name: string
  /** The text directly in it, entities decoded, white space kept. */
  readonly text: string
  readonly #children: readonly XmlElement[]
  readonly #attributes: ReadonlyMap<string, string>

  constructor(
    name: string,
    content: { text: string; children: readonly XmlElement[]; attributes: ReadonlyMap<string, string> },
  ) {
    this.name = name
    this.text = content.text
    this.#children = content.children
    this.#attributes = content.attributes
  }

  /** The first child of this name. */
  child(name: string): XmlElement | undefined {
    return this.#children.find((child) => child.name === name)
  }

  /** The children of this name, or all, in the document's order. */
  children(name?: string): readonly XmlElement[] {
    return name === undefined ? this.#children : this.#children.filter((child) => child.name === name)
  }

  /** An attribute's value by its name without prefix: `type` for `xsi:type`. */
  attribute(name: string): string | undefined {
    return this.#attributes.get(name)
  }
}

/**
 * Reads a request's XML document whose root must have the given name; any where none is given.
 * @throws S3Error MalformedXML for anything that is not such a document, or is larger than the limits above
 */
export function parseDocument(bytes: Buffer, root?: string): XmlElement {
  checkBytes(bytes)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // A document type can define entities that grow without bound or name files. S3 has no use for one.
    if (text.includes('<!D')) throw new Error('a document type is not allowed')
    const verdict = XMLValidator.validate(text)
    if (verdict !== true) throw new Error(`${verdict.err.msg} (line ${verdict.err.line})`)
    // The validator lets text pass behind a root that closes itself, and a second root: inside an element of our own
    // both can be seen.
    const [wrapped = {}] = parser.parse(`<document>${text}</document>`) as readonly ParsedNode[]
    const document = convert(wrapped)
    const [element] = document.children()
    if (element === undefined || document.children().length > 1) throw new Error('a document has one root element')
    if (document.text.trim() !== '') throw new Error('there is text outside the root')
    if (root !== undefined && element.name !== root)
      throw new Error(`the root element is ${element.name} and not ${root}`)
    return element
  } catch (cause) {
    throw s3Error('MalformedXML', {}, { cause })
  }
}

/** What can be refused without looking at the structure, so that a hostile document costs one pass over its bytes. */
function checkBytes(bytes: Buffer): void {
  if (bytes.length > DOCUMENT_BYTES_MAX) throw s3Error('MalformedXML', { MaxMessageLengthBytes: DOCUMENT_BYTES_MAX })
  let tags = 0
  let run = 0
  for (const byte of bytes) {
    run = byte === 0x3c || byte === 0x3e ? 0 : run + 1
    if (run > RUN_BYTES_MAX) throw s3Error('MalformedXML')
    if (byte === 0x3c) tags += 1
    // XML 1.0 has no control characters but tab, line feed and carriage return.
    else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) throw s3Error('MalformedXML')
  }
  // An element has an opening and most often a closing tag.
  if (tags > 2 * ELEMENTS_MAX) throw s3Error('MalformedXML', { MaxElements: ELEMENTS_MAX })
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function convert(node: ParsedNode): XmlElement {
  const name = Object.keys(node).find((key) => key !== ':@') ?? ''
  const children: XmlElement[] = []
  let text = ''
  for (const child of node[name] as readonly ParsedNode[]) {
    const piece = child['#text']
    const cdata = child['#cdata'] as readonly ParsedNode[] | undefined
    if (typeof piece === 'string') text += decodeEntities(piece)
    else if (cdata !== undefined) text += cdata.map((part) => String(part['#text'] ?? '')).join('')
    else children.push(convert(child))
  }
  return new XmlElement(name, { text, children, attributes: attributesOf(node) })
}

function attributesOf(node: ParsedNode): ReadonlyMap<string, string> {
  const given = node[':@'] as Readonly<Record<string, string>> | undefined
  if (given === undefined) return NO_ATTRIBUTES
  return new Map(Object.entries(given).map(([name, value]) => [name, decodeEntities(value)]))
}

const ENTITY = /&(?:#x([0-9a-f]{1,6});|#([0-9]{1,7});|(amp|lt|gt|quot|apos);)?/gi
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Character references may name control characters although XML 1.0 forbids it: there is no other way to name a key
 * that holds one in a DeleteObjects document, and RGW prints such keys this way in its listings.
 */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(ENTITY, (_all, hex?: string, decimal?: string, named?: string) => {
    const literal = named === undefined ? undefined : NAMED[named]
    if (literal !== undefined) return literal
    const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal)
    const isSurrogate = code >= 0xd800 && code <= 0xdfff
    if (!(code > 0 && code <= 0x10ffff) || isSurrogate) throw new Error('an unknown entity or character reference')
    return String.fromCodePoint(code)
  })
}
