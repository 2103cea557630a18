import { type ChangedUser, modifyUser, type UserChange } from '../../../domain/accounts/users.ts'
import {
  capabilities,
  flag,
  keyParameters,
  maxBuckets,
  namedUser,
  optionalText,
  refuseUnservedParameters,
} from '../../../s3/admin/parameters.ts'
import { userValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly id: string
  readonly change: UserChange
}

/** `POST /admin/user`: what the request does not name stays. An empty `email` takes the address away. */
export const AdminModifyUser: Operation<Input, ChangedUser> = {
  name: 'AdminModifyUser',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read({ head }) {
    refuseUnservedParameters(head)
    return {
      id: namedUser(head).id,
      change: {
        displayName: optionalText(head, 'display-name'),
        email: head.query.get('email'),
        suspended: flag(head, 'suspended'),
        maxBuckets: maxBuckets(head),
        caps: capabilities(head),
        key: keyParameters(head, { generates: false }),
      },
    }
  },
  run: ({ services }, { id, change }) => modifyUser(services, id, change),
  write: (modified, { head }) => adminAnswer(head, 'user_info', userValue(modified, { told: modified.key })),
}
