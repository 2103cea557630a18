import { removeKey } from '../../../domain/accounts/keys.ts'
import { assertS3Key, namedUser, optionalText, requiredText } from '../../../s3/admin/parameters.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly accessKey: string
  /** Whose key it is; undefined: anybody's. */
  readonly userId: string | undefined
}

/** `DELETE /admin/user?key`: requests that are signed with it fail from now on. */
export const AdminDeleteKey: Operation<Input, undefined> = {
  name: 'AdminDeleteKey',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read({ head }) {
    assertS3Key(head)
    const userId = optionalText(head, 'uid') === undefined ? undefined : namedUser(head).id
    return { accessKey: requiredText(head, 'access-key'), userId }
  },
  async run({ services }, input) {
    await removeKey(services, input)
    return undefined
  },
  write: () => ({}),
}
