/**
 * The operation table of Ceph's admin ops API: what follows /admin/ in a path, and the parameter that chooses among its
 * operations. Rows without a line in operations/registry.ts answer 501 NotImplemented by their name. Source: Ceph's
 * adminops documentation and the handlers of its RGW (RGWHandler_User and its neighbours).
 */
export interface AdminBinding {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly resource: string
  /** The parameter that chooses the operation, with or without a value. */
  readonly subresource?: string
  /** The status of success. */
  readonly status: 200
}

export const ADMIN_BINDINGS = {
  AdminGetUser: { method: 'GET', resource: 'user', status: 200 },
  AdminListUsers: { method: 'GET', resource: 'user', subresource: 'list', status: 200 },
  AdminCreateUser: { method: 'PUT', resource: 'user', status: 200 },
  AdminModifyUser: { method: 'POST', resource: 'user', status: 200 },
  AdminDeleteUser: { method: 'DELETE', resource: 'user', status: 200 },
  AdminCreateSubuser: { method: 'PUT', resource: 'user', subresource: 'subuser', status: 200 },
  AdminModifySubuser: { method: 'POST', resource: 'user', subresource: 'subuser', status: 200 },
  AdminDeleteSubuser: { method: 'DELETE', resource: 'user', subresource: 'subuser', status: 200 },
  AdminCreateKey: { method: 'PUT', resource: 'user', subresource: 'key', status: 200 },
  AdminDeleteKey: { method: 'DELETE', resource: 'user', subresource: 'key', status: 200 },
  AdminAddCaps: { method: 'PUT', resource: 'user', subresource: 'caps', status: 200 },
  AdminDeleteCaps: { method: 'DELETE', resource: 'user', subresource: 'caps', status: 200 },
  AdminGetQuota: { method: 'GET', resource: 'user', subresource: 'quota', status: 200 },
  AdminPutQuota: { method: 'PUT', resource: 'user', subresource: 'quota', status: 200 },
  AdminGetUserMetadata: { method: 'GET', resource: 'metadata/user', status: 200 },
  AdminPutUserMetadata: { method: 'PUT', resource: 'metadata/user', status: 200 },
  AdminDeleteUserMetadata: { method: 'DELETE', resource: 'metadata/user', status: 200 },
  AdminGetBucket: { method: 'GET', resource: 'bucket', status: 200 },
  AdminLinkBucket: { method: 'PUT', resource: 'bucket', status: 200 },
  AdminUnlinkBucket: { method: 'POST', resource: 'bucket', status: 200 },
  AdminDeleteBucket: { method: 'DELETE', resource: 'bucket', status: 200 },
  AdminCheckBucketIndex: { method: 'GET', resource: 'bucket', subresource: 'index', status: 200 },
  AdminGetPolicy: { method: 'GET', resource: 'bucket', subresource: 'policy', status: 200 },
  AdminDeleteObject: { method: 'DELETE', resource: 'bucket', subresource: 'object', status: 200 },
  AdminPutBucketQuota: { method: 'PUT', resource: 'bucket', subresource: 'quota', status: 200 },
  AdminSyncBucket: { method: 'PUT', resource: 'bucket', subresource: 'sync', status: 200 },
  AdminGetBucketMetadata: { method: 'GET', resource: 'metadata/bucket', status: 200 },
  AdminPutBucketMetadata: { method: 'PUT', resource: 'metadata/bucket', status: 200 },
  AdminDeleteBucketMetadata: { method: 'DELETE', resource: 'metadata/bucket', status: 200 },
  AdminGetUsage: { method: 'GET', resource: 'usage', status: 200 },
  AdminDeleteUsage: { method: 'DELETE', resource: 'usage', status: 200 },
  AdminGetInfo: { method: 'GET', resource: 'info', status: 200 },
  // Not Ceph's: the key ring, which there is none of in RGW.
  AdminGetKeyRing: { method: 'GET', resource: 'keyring', status: 200 },
  AdminRotateKeyRing: { method: 'POST', resource: 'keyring', subresource: 'rotate', status: 200 },
  AdminGetRateLimit: { method: 'GET', resource: 'ratelimit', status: 200 },
  AdminPutRateLimit: { method: 'POST', resource: 'ratelimit', status: 200 },
  AdminGetAccount: { method: 'GET', resource: 'account', status: 200 },
  AdminCreateAccount: { method: 'POST', resource: 'account', status: 200 },
  AdminModifyAccount: { method: 'PUT', resource: 'account', status: 200 },
  AdminDeleteAccount: { method: 'DELETE', resource: 'account', status: 200 },
} as const satisfies Record<string, AdminBinding>

export type AdminOperationName = keyof typeof ADMIN_BINDINGS
