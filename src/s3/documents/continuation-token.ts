import { s3Error } from '../../errors.ts'

/** Tells a token of ours from other base64, and leaves room for another form. */
const MARK = 'k1:'

/** An opaque continuation token that stands for the last name of a page, as AWS hands them out. */
export function encodeToken(name: string): string {
  return Buffer.from(MARK + name, 'utf8').toString('base64url')
}

/** @throws S3Error InvalidArgument for what encodeToken did not make */
export function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  const name = text.slice(MARK.length)
  if (text.startsWith(MARK) && encodeToken(name) === token) return name
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'continuation-token', ArgumentValue: token },
    { message: 'The continuation token provided is incorrect' },
  )
}
