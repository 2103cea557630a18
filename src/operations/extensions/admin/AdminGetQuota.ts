import { describeUser } from '../../../domain/accounts/users.ts'
import { namedUser } from '../../../s3/admin/parameters.ts'
import { type QuotaType, quotaValue, readQuotaType } from '../../../s3/admin/quota.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { UserRow } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly id: string
  readonly type: QuotaType | undefined
}

interface Output {
  readonly user: UserRow
  readonly type: QuotaType | undefined
}

/** `GET /admin/user?quota`: of the user, of each of its buckets, or both. */
export const AdminGetQuota: Operation<Input, Output> = {
  name: 'AdminGetQuota',
  needs: () => [{ capability: 'users', access: 'read' }],
  payload: 'none',
  read: ({ head }) => ({ id: namedUser(head).id, type: readQuotaType(head) }),
  async run({ services }, { id, type }) {
    const { user } = await describeUser(services, id)
    return { user, type }
  },
  write({ user, type }, { head }) {
    const bucket = quotaValue(user.bucketQuota)
    const own = quotaValue(user.quota)
    if (type === undefined) return adminAnswer(head, 'quota', { bucket_quota: bucket, user_quota: own })
    return type === 'user' ? adminAnswer(head, 'user_quota', own) : adminAnswer(head, 'bucket_quota', bucket)
  },
}
