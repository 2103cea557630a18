import type { UserDetails } from '../../../domain/accounts/change.ts'
import { addKey, type KeyRequest, type NewKey } from '../../../domain/accounts/keys.ts'
import { s3Error } from '../../../errors.ts'
import { keyParameters, namedUser } from '../../../s3/admin/parameters.ts'
import { keysValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly id: string
  readonly key: KeyRequest
}

/**
 * `PUT /admin/user?key`: a key more, or another secret for one that the user has. Answers all its keys, and the secret
 * of this one, this once.
 */
export const AdminCreateKey: Operation<Input, UserDetails & { readonly key: NewKey }> = {
  name: 'AdminCreateKey',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: 'none',
  read({ head }) {
    const key = keyParameters(head, { generates: true })
    if (key === undefined) {
      const message = 'A key is either named or generated'
      throw s3Error('InvalidArgument', { ArgumentName: 'generate-key' }, { message })
    }
    return { id: namedUser(head).id, key }
  },
  run: ({ services }, { id, key }) => addKey(services, id, key),
  write: ({ keys, key }, { head }) => adminAnswer(head, 'keys', keysValue(keys, key)),
}
