import { type Capabilities, formatCapabilities, removeCapabilities } from '../../../config/capabilities.ts'
import { capsOf, editUser } from '../../../domain/accounts/users.ts'
import { s3Error } from '../../../errors.ts'
import { namedUser, requiredCapabilities } from '../../../s3/admin/parameters.ts'
import { capsValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { UserRow } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'
import type { CapsInput } from './AdminAddCaps.ts'

/** `DELETE /admin/user?caps`. Answers those that are left. */
export const AdminDeleteCaps: Operation<CapsInput, Capabilities> = {
  name: 'AdminDeleteCaps',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read: ({ head }) => ({ id: namedUser(head).id, caps: requiredCapabilities(head) }),
  run: async ({ services }, { id, caps }) => capsOf(await editUser(services, id, (user) => withoutCaps(user, caps))),
  write: (caps, { head }) => adminAnswer(head, 'caps', capsValue(caps)),
}

/** @throws S3Error NoSuchCap for one that the user does not have at all */
function withoutCaps(user: UserRow, removed: Capabilities): { caps: string } {
  const before = capsOf(user)
  if ([...removed.keys()].some((name) => !before.has(name))) throw s3Error('NoSuchCap')
  return { caps: formatCapabilities(removeCapabilities(before, removed)) }
}
