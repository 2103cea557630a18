import { s3Error } from '../errors.ts'
import { decodeBody } from '../s3/payload.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Authentication } from '../s3/signature/authenticate.ts'
import { isActionRequest, withParameters } from '../s3/sns/resolve.ts'
import type { Exchange } from './exchange.ts'
import { collect } from './payload.ts'

/** A topic's policy, and everything else that an action may say, percent-encoded. */
const ACTION_BYTES_MAX = 64 * 1024

/**
 * One of SNS's actions, whose name and parameters stand in the form that is its body: the head with those as its query.
 * Undefined for every other request. The body is read before the caller is authorized, so that only a caller who signs
 * may send one; and with it the signature is checked, which covers it.
 * @throws S3Error AccessDenied for anonymous callers, as newer RGW refuses them; MaxMessageLengthExceeded; InvalidURI;
 *   SignatureDoesNotMatch
 */
export async function takeAction(
  exchange: Exchange,
  { head, authentication }: { head: RequestHead; authentication: Authentication },
): Promise<RequestHead | undefined> {
  if (!isActionRequest(head)) return undefined
  exchange.isAction = true
  if (authentication.caller.kind === 'anonymous')
    throw s3Error('AccessDenied', {}, { reason: 'the caller is anonymous' })
  const body = await collect(decodeBody(head, authentication, exchange.body()), ACTION_BYTES_MAX)
  return withParameters(head, body)
}
