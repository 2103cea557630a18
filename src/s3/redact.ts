/** Query parameters that prove who somebody is, or open what is encrypted. In lower case. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-copy-source-server-side-encryption-customer-key',
  'signature',
  'awsaccesskeyid',
  // Of Ceph's admin API, where somebody sends it to the wrong port.
  'secret-key',
])

const REDACTED = 'REDACTED'

/**
 * The same parameters anywhere in a text: in the URL of a Referer, and in a presigned URL that somebody has encoded
 * once more, so that all of it is one long key. `%(?:25)*3D` is a `=` that has been encoded any number of times.
 */
const SECRET_ANYWHERE = new RegExp(
  `(?<=(?:^|[?&\\s]|%(?:25)*(?:3F|26))(?:${[...SECRET_PARAMETERS].join('|').replaceAll('-', '(?:-|%(?:25)*2D)')})` +
    '(?:=|%(?:25)*3D))(?:(?!%(?:25)*26)[^&\\s"])+',
  'gi',
)

/** A request target without the secrets of a presigned URL; all else is as it was. */
export function redactTarget(target: string): string {
  const start = target.indexOf('?')
  if (start < 0) return redactText(target)
  const parameters = target.slice(start + 1).split('&')
  return redactText(`${target.slice(0, start)}?${parameters.map(redactParameter).join('&')}`)
}

/** The name may be encoded in any way: what counts is what it means. */
function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  if (equals < 0) return parameter
  return SECRET_PARAMETERS.has(decoded(parameter.slice(0, equals)).toLowerCase())
    ? `${parameter.slice(0, equals)}=${REDACTED}`
    : parameter
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** A text that may contain a presigned URL, encoded or not. */
export function redactText(text: string): string {
  return text.replace(SECRET_ANYWHERE, REDACTED)
}
