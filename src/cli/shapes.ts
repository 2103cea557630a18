// What of the admin API's answers the commands read.

export interface Quota {
  readonly enabled: boolean
  /** -1: no limit. */
  readonly max_size: number
  readonly max_objects: number
}

export interface Key {
  readonly user: string
  readonly access_key: string
  /** Empty, except in the answer to who made it. */
  readonly secret_key: string
}

export interface Usage {
  readonly size: number
  readonly num_objects: number
}

export interface User {
  readonly tenant: string
  readonly user_id: string
  readonly display_name: string
  readonly email: string
  readonly suspended: 0 | 1
  readonly max_buckets: number
  readonly keys: readonly Key[]
  readonly caps: readonly { readonly type: string; readonly perm: string }[]
  readonly user_quota: Quota
  readonly bucket_quota: Quota
  readonly stats?: Usage
}

export interface Bucket {
  readonly bucket: string
  readonly tenant: string
  readonly owner: string
  readonly versioning: string
  readonly object_lock_enabled: boolean
  readonly creation_time: string
  readonly usage: { readonly 'rgw.main': Usage }
  readonly bucket_quota: Quota
}

export interface ListPage {
  readonly keys: readonly string[]
  readonly truncated: boolean
  readonly marker?: string
}

/** As owners are named. */
export function userId({ tenant, user_id: uid }: User): string {
  return tenant === '' ? uid : `${tenant}$${uid}`
}

/** As the commands take it. */
export function bucketName({ tenant, bucket }: Bucket): string {
  return tenant === '' ? bucket : `${tenant}/${bucket}`
}
