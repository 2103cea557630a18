import { isIPv4 } from 'node:net'

/**
 * - `dns`: what AWS's and RGW's rules have in common, so that the name can be a host name (recorded from RGW:
 *   no `_`, no upper case, no `-` beside `.`; IBM's documents say the same);
 * - `aws`: that, without the affixes that AWS keeps for itself;
 * - `zos`: the ZOS manual's section 1.1: begins with a digit or letter, and goes on with those, `-`, `_` and `.`.
 */
export type BucketNameRule = 'dns' | 'aws' | 'zos'

/** S3's bounds in characters, which every rule shares: a host name's label holds no more than 63. */
export const BUCKET_NAME_MIN = 3
export const BUCKET_NAME_MAX = 63

const DNS = /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/
const BAD_DOT = /\.\.|\.-|-\./
const ZOS = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
/** S3 user guide, "General purpose bucket naming rules". */
const AWS_PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-']
const AWS_SUFFIXES = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']

export function isBucketName(name: string, rule: BucketNameRule): boolean {
  if (name.length < BUCKET_NAME_MIN || name.length > BUCKET_NAME_MAX || isIPv4(name)) return false
  if (rule === 'zos') return ZOS.test(name)
  if (!DNS.test(name) || BAD_DOT.test(name)) return false
  if (rule === 'dns') return true
  return (
    !AWS_PREFIXES.some((prefix) => name.startsWith(prefix)) && !AWS_SUFFIXES.some((suffix) => name.endsWith(suffix))
  )
}
