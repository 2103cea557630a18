import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'
import { safeHeaderValue } from './names.ts'

const OVERRIDES: ReadonlyMap<string, string> = new Map([
  ['response-content-type', 'content-type'],
  ['response-content-language', 'content-language'],
  ['response-expires', 'expires'],
  ['response-cache-control', 'cache-control'],
  ['response-content-disposition', 'content-disposition'],
  ['response-content-encoding', 'content-encoding'],
])

const NONE: Readonly<Record<string, string>> = {}

/**
 * The response headers that a reader asks for by response-* parameters, by their names in lower case.
 * @throws S3Error InvalidRequest for an anonymous caller (the parameters must be signed), InvalidArgument for a value
 *   that cannot stand in a header
 */
export function readOverrides(head: RequestHead, isAnonymous: boolean): Readonly<Record<string, string>> {
  if (!head.rawQuery.includes('response-')) return NONE
  const overrides: Record<string, string> = {}
  for (const { name, value } of head.query.entries) {
    const header = OVERRIDES.get(name)
    if (header === undefined) continue
    if (isAnonymous) {
      const message = 'Request specific response headers cannot be used for anonymous GET requests.'
      throw s3Error('InvalidRequest', { ArgumentName: name }, { message })
    }
    overrides[header] ??= safeHeaderValue(name, value ?? '')
  }
  return overrides
}
