import type { Redirect } from '../../domain/website/routing.ts'
import { s3Error } from '../../errors.ts'
import { uriEncodePath } from '../percent.ts'

/** S3's documented limit of x-amz-website-redirect-location. */
const LOCATION_BYTES_MAX = 2 * 1024

/** What no URI holds: white space, controls, what is beyond ASCII, and the marks that RFC 3986 leaves out. */
const NO_URI_CHARACTER = /[^\x21-\x7e]|["<>\\^`{|}]/gu

/**
 * The Location of a website's redirect. It always names its host, so that a key which begins with slashes stays a path;
 * the client's part is encoded, the owner's is not: `#!/` and `?a=b` are meant.
 */
export function locationOf({ protocol, host, ruleText, keyText }: Redirect): string {
  return `${protocol}://${host}/${uriText(ruleText)}${uriEncodePath(keyText)}`
}

/** A path of this host as a Location: of the slashes that begin the key, none may make it another host's name. */
export function pathLocation(key: string): string {
  const slashes = /^\/*/.exec(key)?.[0].length ?? 0
  return `/${'%2F'.repeat(slashes)}${uriEncodePath(key.slice(slashes))}`
}

/** A text that somebody wrote as a URI, with what cannot stand in one encoded. */
export function uriText(text: string): string {
  return text.replace(NO_URI_CHARACTER, encodeURIComponent)
}

/** Name and port as a client may have them in its Host header: nothing that would make the URL mean something else. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/** @returns the Host header's value if it can stand in a URL */
export function urlHost(host: string | undefined): string | undefined {
  return host !== undefined && HOST.test(host) ? host : undefined
}

/**
 * x-amz-website-redirect-location of a write.
 * @throws S3Error InvalidRedirectLocation for anything but a path and an http URL
 */
export function readRedirectLocation(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (!/^(?:\/|https?:\/\/)/.test(value)) {
    throw s3Error('InvalidRedirectLocation', { ArgumentName: 'x-amz-website-redirect-location', ArgumentValue: value })
  }
  if (Buffer.byteLength(value) > LOCATION_BYTES_MAX) {
    const message = `The website redirect location has at most ${LOCATION_BYTES_MAX} bytes.`
    throw s3Error('InvalidRedirectLocation', {}, { message })
  }
  return value
}
