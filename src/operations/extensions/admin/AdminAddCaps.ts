import { addCapabilities, type Capabilities, formatCapabilities } from '../../../config/capabilities.ts'
import { capsOf, editUser } from '../../../domain/accounts/users.ts'
import { namedUser, requiredCapabilities } from '../../../s3/admin/parameters.ts'
import { capsValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

export interface CapsInput {
  readonly id: string
  readonly caps: Capabilities
}

/** `PUT /admin/user?caps`: beside those that the user has. Answers them all. */
export const AdminAddCaps: Operation<CapsInput, Capabilities> = {
  name: 'AdminAddCaps',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read: ({ head }) => ({ id: namedUser(head).id, caps: requiredCapabilities(head) }),
  async run({ services }, { id, caps }) {
    const edit = (user: Parameters<typeof capsOf>[0]) => ({
      caps: formatCapabilities(addCapabilities(capsOf(user), caps)),
    })
    return capsOf(await editUser(services, id, edit))
  },
  write: (caps, { head }) => adminAnswer(head, 'caps', capsValue(caps)),
}
