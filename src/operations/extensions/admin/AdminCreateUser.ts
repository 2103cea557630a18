import { MAX_BUCKETS_DEFAULT } from '../../../config/defaults.ts'
import { type ChangedUser, createUser, type NewUser } from '../../../domain/accounts/users.ts'
import {
  capabilities,
  flag,
  keyParameters,
  maxBuckets,
  namedUser,
  optionalText,
  refuseUnservedParameters,
  requiredText,
} from '../../../s3/admin/parameters.ts'
import { userValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

/** `PUT /admin/user`. The answer tells the secret of the key that was made with it, this once. */
export const AdminCreateUser: Operation<NewUser, ChangedUser> = {
  name: 'AdminCreateUser',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read({ head }) {
    refuseUnservedParameters(head)
    const { tenant, uid } = namedUser(head)
    return {
      tenant,
      uid,
      displayName: requiredText(head, 'display-name'),
      email: optionalText(head, 'email'),
      suspended: flag(head, 'suspended'),
      maxBuckets: maxBuckets(head) ?? MAX_BUCKETS_DEFAULT,
      caps: capabilities(head),
      key: keyParameters(head, { generates: true }),
    }
  },
  run: ({ services }, user) => createUser(services, user),
  write: (created, { head }) => adminAnswer(head, 'user_info', userValue(created, { told: created.key })),
}
