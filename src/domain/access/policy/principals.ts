import { fullUserId } from '../../../config/names.ts'
import type { Accounts, Caller } from '../../accounts.ts'
import { isList, isObject, type Json } from './json.ts'
import { malformed } from './refusal.ts'

/** Whom a statement is about. */
export type Principal =
  | { readonly kind: 'everyone' }
  /** A user by name and tenant. */
  | { readonly kind: 'user'; readonly tenant: string; readonly uid: string }
  /** The user of this id, which contains its tenant. */
  | { readonly kind: 'canonical'; readonly id: string }
  /** Everybody of a tenant; and, as every user here is an account of its own, the user of this id. */
  | { readonly kind: 'account'; readonly name: string }
  /** A service of AWS's. None calls here. */
  | { readonly kind: 'service'; readonly name: string }
  /** Roles, federated users and what cannot be read. RGW takes it, and it matches nobody. */
  | { readonly kind: 'nobody'; readonly written: string }

const KINDS: ReadonlySet<string> = new Set(['AWS', 'CanonicalUser', 'Service', 'Federated'])
const ROOT = 'root'
const USER = 'user/'
const SERVICES = '.amazonaws.com'

/**
 * The value of Principal or NotPrincipal.
 * @throws S3Error MalformedPolicy
 */
export function readPrincipals(value: Json, where: string): Principal[] {
  if (value === '*') return [{ kind: 'everyone' }]
  if (!isObject(value)) throw malformed(where, 'Principal must be "*" or an object such as {"AWS": "*"}')
  if (value.size === 0) throw malformed(where, 'Principal must name somebody')
  const principals: Principal[] = []
  for (const [kind, named] of value) {
    if (!KINDS.has(kind)) throw malformed(where, `Principal has no ${kind}; it may have ${[...KINDS].join(', ')}`)
    const list = isList(named) ? named : [named]
    if (list.length === 0) throw malformed(where, `Principal ${kind} must name somebody`)
    for (const name of list) {
      if (typeof name !== 'string') throw malformed(where, `Principal ${kind} must be a text or a list of texts`)
      principals.push(readPrincipal(kind, name))
    }
  }
  return principals
}

function readPrincipal(kind: string, name: string): Principal {
  if (kind === 'Service') return { kind: 'service', name }
  if (kind === 'CanonicalUser') return { kind: 'canonical', id: name }
  if (kind === 'Federated') return { kind: 'nobody', written: name }
  if (name === '*') return { kind: 'everyone' }
  return readArn(name) ?? (/[:/]/.test(name) ? { kind: 'nobody', written: name } : { kind: 'account', name })
}

/**
 * `arn:aws:iam::tenant:user/name` and `arn:aws:iam::tenant:root` as RGW has them, and the ZOS manual's
 * `arn:aws:s3:::user/name`.
 */
function readArn(text: string): Principal | undefined {
  const [arn, , service, region, tenant, ...rest] = text.split(':')
  if (arn !== 'arn' || region !== '' || tenant === undefined) return undefined
  const resource = rest.join(':')
  if (service === 'iam' && resource === ROOT) return { kind: 'account', name: tenant }
  const isUser = (service === 'iam' || service === 's3') && resource.startsWith(USER) && resource.length > USER.length
  return isUser ? { kind: 'user', tenant, uid: resource.slice(USER.length) } : undefined
}

export function isPrincipal(principal: Principal, caller: Caller): boolean {
  if (principal.kind === 'everyone') return true
  if (caller.kind === 'anonymous') return false
  const { id, tenant, uid } = caller.account
  switch (principal.kind) {
    case 'user':
      return tenant === principal.tenant && uid === principal.uid
    case 'canonical':
      return id === principal.id
    case 'account':
      return id === principal.name || tenant === principal.name
    case 'service':
    case 'nobody':
      return false
  }
}

/** Whether a principal means somebody, for the dialects that refuse one that does not. */
export function isKnown(principal: Principal, accounts: Pick<Accounts, 'find' | 'hasTenant'>): boolean {
  switch (principal.kind) {
    case 'everyone':
      return true
    case 'user':
      return accounts.find(fullUserId(principal)) !== undefined
    case 'canonical':
      return accounts.find(principal.id) !== undefined
    case 'account':
      return accounts.find(principal.name) !== undefined || accounts.hasTenant(principal.name)
    case 'service':
      return principal.name.endsWith(SERVICES)
    case 'nobody':
      return false
  }
}

/** For messages: whom a principal means. */
export function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'everyone':
      return '*'
    case 'user':
      return fullUserId(principal)
    case 'canonical':
      return principal.id
    case 'account':
    case 'service':
      return principal.name
    case 'nobody':
      return principal.written
  }
}
