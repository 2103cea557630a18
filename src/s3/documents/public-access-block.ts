import { NO_BLOCKS } from '../../domain/access/blocks.ts'
import type { PublicAccessBlock } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

/** The elements in the order in which S3 and RGW print them. */
const ELEMENTS = {
  BlockPublicAcls: 'blockPublicAcls',
  IgnorePublicAcls: 'ignorePublicAcls',
  BlockPublicPolicy: 'blockPublicPolicy',
  RestrictPublicBuckets: 'restrictPublicBuckets',
} as const satisfies Record<string, keyof PublicAccessBlock>
type ElementName = keyof typeof ELEMENTS

/**
 * PublicAccessBlockConfiguration: a switch that is left out is off.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS), also for an element that is unknown or there twice
 */
export function readPublicAccessBlock(document: Buffer, dialect: Dialect): PublicAccessBlock {
  const root = readBucketDocument(document, { root: 'PublicAccessBlockConfiguration', dialect })
  const found = new Map<keyof PublicAccessBlock, boolean>()
  for (const child of root.children()) {
    const name = isElementName(child.name) ? ELEMENTS[child.name] : undefined
    if (name === undefined || found.has(name)) throw malformed(dialect)
    found.set(name, readSwitch(child, dialect))
  }
  return { ...NO_BLOCKS, ...Object.fromEntries(found) }
}

function isElementName(name: string): name is ElementName {
  return Object.hasOwn(ELEMENTS, name)
}

/** In any case: IBM's own example says `True`. */
function readSwitch({ text }: XmlElement, dialect: Dialect): boolean {
  const value = text.trim().toLowerCase()
  if (value !== 'true' && value !== 'false') throw malformed(dialect)
  return value === 'true'
}

/** RGW has a root element of its own, in no namespace (recorded: bucket.get_pab). SDKs do not look at it. */
export function publicAccessBlockDocument(block: PublicAccessBlock, dialect: Dialect): string {
  const content = Object.fromEntries(Object.entries(ELEMENTS).map(([name, field]) => [name, block[field]]))
  return dialect.rgwExtensions
    ? buildDocument('BlockPublicAccessBlockConfiguration', content, { namespace: undefined })
    : buildDocument('PublicAccessBlockConfiguration', content)
}
