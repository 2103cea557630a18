import { s3Error } from '../../errors.ts'
import { parseParameters } from '../form/parameters.ts'
import { parseQuery } from '../query.ts'
import type { RequestHead } from '../request.ts'
import { SNS_BINDINGS, type SnsOperationName } from './bindings.ts'

/** The parameter that names the action. */
const ACTION = 'Action'
const FORM_TYPE = 'application/x-www-form-urlencoded'

const NAMES: ReadonlyMap<string, SnsOperationName> = new Map(
  Object.entries(SNS_BINDINGS).map(([name, { action }]) => [action, name as SnsOperationName]),
)

/** Whether a request is one of SNS's actions: a form posted to the service, or a POST with an action in its query. */
export function isActionRequest({ method, address, headers, query }: RequestHead): boolean {
  if (method !== 'POST' || address.bucket !== undefined || address.admin !== undefined) return false
  return isForm(headers.raw('content-type')) || query.has(ACTION)
}

function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && parseParameters(contentType)?.value === FORM_TYPE
}

/**
 * The request with the parameters of its form behind those of its query, as RGW joins them.
 * @param form the body; nothing of it is read where the Content-Type is another one
 * @throws S3Error InvalidURI for broken percent-encoding
 */
export function withParameters(head: RequestHead, form: Buffer): RequestHead {
  if (!isForm(head.headers.raw('content-type'))) return head
  const joined = [head.rawQuery, form.toString('latin1').trim()].filter((part) => part !== '')
  return { ...head, query: parseQuery(joined.join('&')) }
}

/**
 * The operation that the parameter Action names, served or not.
 * @throws S3Error MethodNotAllowed where it names none (recorded: service.post_root_no_action)
 */
export function resolveAction({ method, query }: RequestHead): SnsOperationName {
  const name = NAMES.get(query.get(ACTION) ?? '')
  if (name === undefined) throw s3Error('MethodNotAllowed', { Method: method, ResourceType: 'SERVICE' })
  return name
}
