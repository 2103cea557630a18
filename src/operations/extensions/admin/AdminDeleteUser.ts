import { describeUser, removeUser } from '../../../domain/accounts/users.ts'
import { purgeBucketsOf } from '../../../domain/buckets/purge.ts'
import { flag, namedUser } from '../../../s3/admin/parameters.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly id: string
  readonly purgeData: boolean
}

/** `DELETE /admin/user`: a user that owns buckets goes with `purge-data` only, and its buckets with it. */
export const AdminDeleteUser: Operation<Input, undefined> = {
  name: 'AdminDeleteUser',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read: ({ head }) => ({ id: namedUser(head).id, purgeData: flag(head, 'purge-data') ?? false }),
  async run({ services, signal }, { id, purgeData }) {
    if (purgeData) {
      await describeUser(services, id)
      await purgeBucketsOf(services, id, signal)
    }
    await removeUser(services, id)
    return undefined
  },
  write: () => ({}),
}
