import { editUser } from '../../../domain/accounts/users.ts'
import { s3Error } from '../../../errors.ts'
import { namedUser } from '../../../s3/admin/parameters.ts'
import {
  parseQuotaDocument,
  QUOTA_DOCUMENT_BYTES_MAX,
  type QuotaType,
  readQuota,
  readQuotaParameters,
  readQuotaType,
} from '../../../s3/admin/quota.ts'
import type { Wire } from '../../../s3/request.ts'
import type { UserRow } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

type QuotaEdit = (user: UserRow) => Partial<Pick<UserRow, 'quota' | 'bucketQuota'>>

interface Input {
  readonly id: string
  readonly edit: QuotaEdit
}

/**
 * `PUT /admin/user?quota`: by parameters, of which those that are left out stay; or as JSON, which says all of a quota.
 * Without a type JSON says both, as `user_quota` and `bucket_quota`.
 */
export const AdminPutQuota: Operation<Input, undefined> = {
  name: 'AdminPutQuota',
  needs: () => [{ capability: 'users', access: 'write' }],
  payload: { document: { maxBytes: QUOTA_DOCUMENT_BYTES_MAX } },
  read: (wire) => ({ id: namedUser(wire.head).id, edit: readEdit(wire) }),
  async run({ services }, { id, edit }) {
    await editUser(services, id, edit)
    return undefined
  },
  write: () => ({}),
}

function readEdit({ head, document }: Wire): QuotaEdit {
  const type = readQuotaType(head)
  if (document.length === 0) {
    if (type === undefined) throw s3Error('InvalidArgument', { ArgumentName: 'quota-type' })
    const change = readQuotaParameters(head)
    const { field } = FIELDS[type]
    return (user) => ({ [field]: change(user[field]) })
  }
  const content = parseQuotaDocument(document)
  if (type !== undefined) {
    const quota = readQuota(content)
    return () => ({ [FIELDS[type].field]: quota })
  }
  const named = Object.values(FIELDS).filter(({ name }) => content[name] !== undefined)
  if (named.length === 0) {
    throw s3Error('InvalidArgument', {}, { message: 'Expected user_quota, bucket_quota or both' })
  }
  const quotas = Object.fromEntries(named.map(({ name, field }) => [field, readQuota(content[name])]))
  return () => quotas
}

const FIELDS = {
  user: { name: 'user_quota', field: 'quota' },
  bucket: { name: 'bucket_quota', field: 'bucketQuota' },
} as const satisfies Record<QuotaType, { name: string; field: 'quota' | 'bucketQuota' }>
