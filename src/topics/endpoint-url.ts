import { BadAttribute } from './attributes.ts'

/** The parts of a push-endpoint's URL, as they stand in it. */
export interface EndpointUrl {
  /** In lower case. */
  readonly scheme: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** Host and port. */
  readonly authority: string
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number | undefined
  /** Path, query and fragment. */
  readonly rest: string
}

/** The last `@` ends the credentials: people write passwords with one in them. */
const CREDENTIALS = '(?:(?<user>[^/?#:]*)(?::(?<password>[^/?#]*))?@)?'
const URL_PARTS = new RegExp(
  `^(?<scheme>[a-z][a-z\\d+.-]*)://${CREDENTIALS}(?<authority>[^/?#@]*)(?<rest>[/?#].*)?$`,
  'i',
)
const AUTHORITY = /^(?:\[(?<v6>[\da-f:.]+(?:%[\w.]+)?)\]|(?<name>[^:[\]\s]*))(?::(?<port>\d{1,5}))?$/i

/**
 * Takes a URL of any scheme apart. The WHATWG parser reads hosts of schemes that it does not know by other rules than
 * those of http, and forgets default ports.
 * @throws BadAttribute
 */
export function readUrl(text: string): EndpointUrl {
  const parts = isPrintable(text) ? URL_PARTS.exec(text)?.groups : undefined
  const authority = AUTHORITY.exec(parts?.['authority'] ?? '')?.groups
  if (parts === undefined || authority === undefined) {
    throw new BadAttribute('push-endpoint', 'Malformed URL for push-endpoint')
  }
  const { scheme = '', user, password, authority: place = '', rest = '' } = parts
  const { v6, name = '', port } = authority
  return {
    scheme: scheme.toLowerCase(),
    user,
    password,
    authority: place,
    host: v6 ?? name,
    port: port === undefined ? undefined : Number(port),
    rest,
  }
}

/** The same URL without what is secret in it, for lists and logs. */
export function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z\d+.-]*:\/\/[^/?#:@]*):[^/?#]*@/i, '$1:***@')
}

function isPrintable(text: string): boolean {
  return !/[\s\p{Cc}]/u.test(text)
}
