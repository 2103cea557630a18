import { adminAnswer, listOf } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

/** `GET /admin/info`. There is one node and no cluster: what names it is the region. */
export const AdminGetInfo: Operation<undefined, undefined> = {
  name: 'AdminGetInfo',
  needs: () => [{ capability: 'info', access: 'read' }],
  payload: 'none',
  read: () => undefined,
  run: async () => undefined,
  write: (_output, { head, services }) =>
    adminAnswer(head, 'dummy', {
      info: { storage_backends: listOf('dummy', [{ name: 'cozos', cluster_id: services.region }]) },
    }),
}
