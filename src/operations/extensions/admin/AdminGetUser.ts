import type { UserDetails } from '../../../domain/accounts/change.ts'
import { describeUser, describeUserOfKey, type UserPage } from '../../../domain/accounts/users.ts'
import type { MetadataQuery } from '../../../s3/admin/metadata.ts'
import { flag, namedUser, optionalText } from '../../../s3/admin/parameters.ts'
import { userValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { BucketUsage } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'
import { AdminListUsers } from './AdminListUsers.ts'

type Input =
  | { readonly kind: 'user'; readonly id: string; readonly stats: boolean }
  | { readonly kind: 'key'; readonly accessKey: string; readonly stats: boolean }
  | { readonly kind: 'all'; readonly query: MetadataQuery }

type Output = { readonly details: UserDetails; readonly usage: BucketUsage | undefined } | { readonly list: UserPage }

/**
 * `GET /admin/user`: of a uid, or of whom an access key belongs to; without either the list of all, as Ceph's guide has
 * it.
 */
export const AdminGetUser: Operation<Input, Output> = {
  name: 'AdminGetUser',
  needs: () => [{ capability: 'users', access: 'read' }],
  payload: 'none',
  read(wire) {
    const { head } = wire
    const stats = flag(head, 'stats') ?? false
    const accessKey = optionalText(head, 'access-key')
    if (optionalText(head, 'uid') !== undefined) return { kind: 'user', id: namedUser(head).id, stats }
    if (accessKey !== undefined) return { kind: 'key', accessKey, stats }
    return { kind: 'all', query: AdminListUsers.read(wire) }
  },
  async run(context, input) {
    if (input.kind === 'all') return { list: await AdminListUsers.run(context, input.query) }
    const { services } = context
    const details = await (input.kind === 'user'
      ? describeUser(services, input.id)
      : describeUserOfKey(services, input.accessKey))
    const { id } = details.user
    const usage = input.stats ? await services.metadata.read((tx) => tx.buckets.usageOfOwner(id)) : undefined
    return { details, usage }
  },
  write(output, context) {
    if ('list' in output) return AdminListUsers.write(output.list, context)
    return adminAnswer(context.head, 'user_info', userValue(output.details, { usage: output.usage }))
  },
}
