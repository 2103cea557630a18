const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Base64 as it arrives in a directive: the standard one, in which `/` must have been replaced by `_`, or the url-safe
 * one, padded or not. A space has been a `+` where a form was decoded; where that makes no sense it is one that was
 * typed (the ZOS manual breaks long values). Undefined for what is no Base64 of UTF-8.
 */
export function decodeText(value: string): string | undefined {
  const standard = value.replaceAll('-', '+').replaceAll('_', '/')
  return decode(standard.replaceAll(' ', '+')) ?? decode(standard.replaceAll(' ', ''))
}

function decode(base64: string): string | undefined {
  if (!BASE64.test(base64)) return undefined
  const bytes = Buffer.from(base64, 'base64')
  // Bits that are left over must be zero, so that nothing which was cut short or mistyped is taken for a text.
  if (withoutPadding(bytes.toString('base64')) !== withoutPadding(base64)) return undefined
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

function withoutPadding(base64: string): string {
  const end = base64.indexOf('=')
  return end === -1 ? base64 : base64.slice(0, end)
}
