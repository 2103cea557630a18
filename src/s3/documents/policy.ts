import { s3Error } from '../../errors.ts'

/**
 * A policy as text that gives the same bytes again.
 * @throws S3Error MalformedPolicy for bytes that are no UTF-8
 */
export function readPolicyText(document: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document)
  } catch (cause) {
    throw s3Error('MalformedPolicy', {}, { message: 'The policy is not UTF-8', cause })
  }
}
