// The forms of the names that users and keys have: the same from the configuration and at run time.

/** A user's id within its tenant. A colon or `$` would read as a subuser's or a tenant's mark in Ceph's ids. */
export function isUserId(text: string): boolean {
  return /^[\w.@+-]{1,255}$/.test(text)
}

/** Ceph's rule for tenants. */
export function isTenantName(text: string): boolean {
  return /^\w{1,255}$/.test(text)
}

/** An access key stands in a credential scope, whose parts a slash divides, and behind `AWS `, before a colon. */
export function isAccessKey(text: string): boolean {
  return /^[\w.@+$=-]{1,255}$/.test(text)
}

/** Ceph's form: two tenants may both have a user of this id. */
export function fullUserId({ tenant, uid }: { tenant: string; uid: string }): string {
  return tenant === '' ? uid : `${tenant}$${uid}`
}
