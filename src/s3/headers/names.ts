import { s3Error } from '../../errors.ts'

/**
 * A key as encoding-type=url prints it. RGW leaves `A-Za-z0-9-_.~*!()'` and encodes everything else including the slash
 * (recorded: list.v1.special_keys.encoding_url), which is encodeURIComponent's set.
 */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
}

/**
 * A prefix, delimiter or marker as encoding-type=url prints it: RGW leaves the slash in these (recorded:
 * CommonPrefixes).
 */
export function encodePrefix(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/')
}

/** `Sat, 21 Nov 2026 04:19:04 GMT` */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

/** `2026-11-21T04:19:04.135Z` */
export function isoDate(ms: number): string {
  return new Date(ms).toISOString()
}

/**
 * A value that a client chose and that becomes a response header.
 * @throws S3Error InvalidArgument if it holds control characters, which would end the header or split the response
 */
export function safeHeaderValue(name: string, value: string): string {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) throw s3Error('InvalidArgument', { ArgumentName: name })
  }
  return value
}
