import { type S3Error, s3Error } from '../../errors.ts'
import type { WebsiteConfiguration } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'
import { readRoutingRules, shownRule } from './routing-rules.ts'
import { assertOnly, defined, hostOf, keyOf, mistake, protocolOf } from './website-elements.ts'

/** What a dialect takes as a WebsiteConfiguration, and how it serves one. */
export interface WebsiteRules {
  /** What wrong values in it are (recorded from RGW: website.put.both_conditions_replace). */
  readonly mistake: 'InvalidArgument' | 'InvalidRequest'
  /** RGW takes a slash in the index document's suffix (recorded: website.put.suffix_with_slash); AWS refuses it. */
  readonly slashInSuffix: boolean
  /** AWS refuses a Condition that says nothing; to RGW it is none. */
  readonly emptyCondition: boolean
  /**
   * The ZOS manual's section 1.14: a Condition has one of its two elements and 4xx codes only; a Redirect has one of
   * ReplaceKeyWith and ReplaceKeyPrefixWith, the latter only with KeyPrefixEquals.
   */
  readonly confined: boolean
  /**
   * The answer to a folder's name without its slash where the folder has an index document: RGW serves it (recorded:
   * website.serve.dir_noslash), AWS redirects to the name with the slash.
   */
  readonly folders: 'serve' | 'redirect'
}

/** Fifty rules, each with two keys of 1,024 bytes, stay below it. */
export const WEBSITE_BYTES_MAX = 256 * 1024

type Target = NonNullable<WebsiteConfiguration['redirectAllRequestsTo']>

/**
 * WebsiteConfiguration.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS) for what is none; InvalidArgument without an index
 *   document; InvalidRequest for more than 50 rules; for wrong values what the dialect says
 */
export function readWebsite(document: Buffer, dialect: Dialect): WebsiteConfiguration {
  const root = readBucketDocument(document, { root: 'WebsiteConfiguration', dialect })
  assertOnly(root, ['RedirectAllRequestsTo', 'IndexDocument', 'ErrorDocument', 'RoutingRules'], dialect)
  const target = root.child('RedirectAllRequestsTo')
  if (target !== undefined) {
    const message = 'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.'
    if (root.children().length > 1) throw argumentError('RedirectAllRequestsTo', 'not null', message)
    return { redirectAllRequestsTo: readTarget(target, dialect), routingRules: [] }
  }
  return defined<WebsiteConfiguration>({
    redirectAllRequestsTo: undefined,
    indexSuffix: readSuffix(root.child('IndexDocument'), dialect),
    errorKey: readErrorKey(root.child('ErrorDocument'), dialect),
    routingRules: readRoutingRules(root.child('RoutingRules'), dialect),
  })
}

function readTarget(element: XmlElement, dialect: Dialect): Target {
  assertOnly(element, ['HostName', 'Protocol'], dialect)
  const hostName = hostOf(element, dialect)
  if (hostName === undefined) throw mistake(dialect, 'A host name must be provided to redirect all requests.')
  return defined<Target>({ hostName, protocol: protocolOf(element, dialect) })
}

function readSuffix(element: XmlElement | undefined, dialect: Dialect): string {
  if (element === undefined) {
    const message = 'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty'
    throw argumentError('IndexDocument', 'null', message)
  }
  assertOnly(element, ['Suffix'], dialect)
  const suffix = keyOf(element, 'Suffix', dialect) ?? ''
  if (suffix === '' || (suffix.includes('/') && !dialect.website.slashInSuffix)) {
    throw argumentError('IndexDocument', suffix, 'The IndexDocument Suffix is not well formed')
  }
  return suffix
}

function readErrorKey(element: XmlElement | undefined, dialect: Dialect): string | undefined {
  if (element === undefined) return undefined
  assertOnly(element, ['Key'], dialect)
  const key = keyOf(element, 'Key', dialect) ?? ''
  if (key === '') throw malformed(dialect)
  return key
}

function argumentError(name: string, value: string, message: string): S3Error {
  return s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message })
}

/** The answer of GetBucketWebsite, in RGW's order (recorded: website.get.rules). */
export function websiteDocument(website: WebsiteConfiguration): string {
  const { redirectAllRequestsTo: target, indexSuffix, errorKey, routingRules } = website
  return buildDocument('WebsiteConfiguration', {
    RedirectAllRequestsTo: target && { HostName: target.hostName, Protocol: target.protocol },
    IndexDocument: indexSuffix === undefined ? undefined : { Suffix: indexSuffix },
    ErrorDocument: errorKey === undefined ? undefined : { Key: errorKey },
    RoutingRules: routingRules.length === 0 ? undefined : { RoutingRule: routingRules.map(shownRule) },
  })
}
