import type { Acl, CannedAcl } from '../rows.ts'

/** A canned ACL is its name; one of grants is JSON, which starts with a brace. */
export function encodeAcl(acl: Acl): string {
  return typeof acl === 'string' ? acl : JSON.stringify(acl)
}

export function decodeAcl(text: string): Acl {
  return text.startsWith('{') ? frozenJson<Exclude<Acl, CannedAcl>>(text) : (text as CannedAcl)
}

/** Parses what is kept in a cache that many requests read: nothing in it can be changed. */
export function frozenJson<T>(text: string): T {
  return JSON.parse(text, (_name, value) => Object.freeze(value)) as T
}
