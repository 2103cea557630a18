import { listUserIds, type UserPage } from '../../../domain/accounts/users.ts'
import { type MetadataQuery, metadataKeysAnswer, readMetadataQuery } from '../../../s3/admin/metadata.ts'
import type { Operation } from '../../operation.ts'

/** `GET /admin/user?list`: the ids of all users, in pages. */
export const AdminListUsers: Operation<MetadataQuery, UserPage> = {
  name: 'AdminListUsers',
  needs: () => [{ capability: 'users', access: 'read' }],
  payload: 'none',
  read: ({ head }) => readMetadataQuery(head),
  run: ({ services }, { marker, limit }) => listUserIds(services, { after: marker, limit }),
  write: ({ ids, isTruncated }, { head }) => metadataKeysAnswer(head, { keys: ids, isPaged: true, isTruncated }),
}
