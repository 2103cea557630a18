import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'
import { ADMIN_BINDINGS, type AdminBinding, type AdminOperationName } from './bindings.ts'

type Row = AdminBinding & { readonly name: AdminOperationName }

const ROWS: readonly Row[] = Object.entries<AdminBinding>(ADMIN_BINDINGS).map(([name, binding]) => ({
  ...binding,
  name: name as AdminOperationName,
}))

/**
 * The operation that a request to the admin API names, served or not. The subresource that comes first in the query
 * decides; whether a parameter is one depends on the resource and the method: `sync` is for buckets, and a word of no
 * consequence for users.
 * @param resource what follows /admin/ in the path
 * @throws S3Error MethodNotAllowed for a resource that there is not (recorded: admin.unknown), and for a method
 */
export function resolveAdmin(head: RequestHead, resource: string): AdminOperationName {
  const rows = ROWS.filter((row) => row.method === head.method && row.resource === resource)
  for (const { name } of head.query.entries) {
    const row = rows.find(({ subresource }) => subresource === name)
    if (row !== undefined) return row.name
  }
  const plain = rows.find(({ subresource }) => subresource === undefined)
  if (plain === undefined) throw s3Error('MethodNotAllowed', { Method: head.method, ResourceType: 'ADMIN' })
  return plain.name
}
