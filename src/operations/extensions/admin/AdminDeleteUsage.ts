import { trimUsage } from '../../../domain/usage.ts'
import { s3Error } from '../../../errors.ts'
import { flag, namedUser, optionalText, timeMs, unserved } from '../../../s3/admin/parameters.ts'
import type { UsageRange } from '../../../storage/metadata/store.ts'
import type { Operation } from '../../operation.ts'

/** `DELETE /admin/usage`: of a user, or before a time. Everything is forgotten for `remove-all` only. */
export const AdminDeleteUsage: Operation<UsageRange, undefined> = {
  name: 'AdminDeleteUsage',
  needs: () => [{ capability: 'usage', access: 'write' }],
  payload: 'none',
  read({ head }) {
    if (optionalText(head, 'bucket') !== undefined) throw unserved('bucket')
    const ownerId = optionalText(head, 'uid') === undefined ? undefined : namedUser(head).id
    const fromMs = timeMs(head, 'start')
    const toMs = timeMs(head, 'end')
    const isAll = ownerId === undefined && fromMs === undefined && toMs === undefined
    if (isAll && flag(head, 'remove-all') !== true) {
      const message = 'The parameter remove-all is missing: it takes everything'
      throw s3Error('InvalidArgument', { ArgumentName: 'remove-all' }, { message })
    }
    return { ownerId, fromMs: fromMs ?? 0, toMs: toMs ?? Number.MAX_SAFE_INTEGER }
  },
  async run({ services }, range) {
    await trimUsage(services, range)
    return undefined
  },
  write: () => ({}),
}
