import type { Accounts } from '../../domain/accounts.ts'
import type { Grant, GrantPermission } from '../../storage/metadata/rows.ts'
import { type AdminObject, listOf } from './value.ts'

/** RGW_PERM_* of Ceph's rgw_acl.h. */
const FLAGS = {
  READ: 1,
  WRITE: 2,
  READ_ACP: 4,
  WRITE_ACP: 8,
  FULL_CONTROL: 15,
} as const satisfies Record<GrantPermission, number>

/** ACLGroupTypeEnum: what is a group, and to RGW the log's deliverers are none. */
const GROUPS = { 'all-users': 1, 'authenticated-users': 2 } as const
const USER_TYPE = 0
const GROUP_TYPE = 2

export interface ShownAcl {
  readonly ownerId: string
  readonly grants: readonly Grant[]
}

/** An ACL as Ceph's admin API prints it: RGWAccessControlPolicy::dump. */
export function aclValue({ ownerId, grants }: ShownAcl, accounts: Accounts): AdminObject {
  const users = new Map<string, number>()
  const groups = new Map<number, number>()
  const lines: { id: string; grant: AdminObject }[] = []
  for (const { grantee, permission } of grants) {
    if (grantee.kind === 'log-delivery') continue
    const flags = FLAGS[permission]
    const id = grantee.kind === 'account' ? grantee.id : ''
    const group = grantee.kind === 'account' ? 0 : GROUPS[grantee.kind]
    if (group === 0) users.set(id, (users.get(id) ?? 0) | flags)
    else groups.set(group, (groups.get(group) ?? 0) | flags)
    lines.push({
      id,
      grant: {
        type: { type: group === 0 ? USER_TYPE : GROUP_TYPE },
        id,
        email: '',
        permission: { flags },
        name: group === 0 ? accounts.displayName(id) : '',
        group,
        url_spec: '',
      },
    })
  }
  const byId = lines.toSorted((one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)))
  const userMap = [...users].toSorted().map(([user, acl]) => ({ user, acl }))
  return {
    acl: {
      acl_user_map: listOf('entry', userMap),
      acl_group_map: listOf(
        'entry',
        [...groups].toSorted().map(([group, acl]) => ({ group, acl })),
      ),
      grant_map: listOf('entry', byId),
    },
    owner: { id: ownerId, display_name: accounts.displayName(ownerId) },
  }
}
