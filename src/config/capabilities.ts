/** What Ceph's capabilities are about. Source: Ceph's RGWUserCaps and its admin guide. */
export const CAPABILITIES = [
  'accounts',
  'amz-cache',
  'bilog',
  'buckets',
  'datalog',
  'info',
  'mdlog',
  'metadata',
  'oidc-provider',
  'opstate',
  'ratelimit',
  'roles',
  'usage',
  'user-info-without-keys',
  'user-policy',
  'users',
  'zone',
] as const
export type Capability = (typeof CAPABILITIES)[number]

/** `*` is both. */
export type CapabilityAccess = 'read' | 'write' | '*'
export type Capabilities = ReadonlyMap<Capability, CapabilityAccess>

export const NO_CAPABILITIES: Capabilities = new Map()

/**
 * Reads Ceph's text: `users=*;buckets=read, write`. Undefined where it is none: an unknown name, or no access. What is
 * named twice is granted together.
 */
export function parseCapabilities(text: string): Capabilities | undefined {
  const parsed = new Map<Capability, CapabilityAccess>()
  for (const piece of text.split(';')) {
    if (piece.trim() === '') continue
    const equals = piece.indexOf('=')
    const name = CAPABILITIES.find((known) => known === piece.slice(0, Math.max(0, equals)).trim())
    const access = parseAccess(piece.slice(equals + 1))
    if (name === undefined || access === undefined) return undefined
    const before = parsed.get(name)
    parsed.set(name, before === undefined || before === access ? access : '*')
  }
  return parsed
}

function parseAccess(text: string): CapabilityAccess | undefined {
  const words = new Set(text.split(/[\s,|]+/).filter((word) => word !== ''))
  if (words.size === 0 || ![...words].every((word) => word === 'read' || word === 'write' || word === '*'))
    return undefined
  if (words.has('*') || words.size === 2) return '*'
  return words.has('read') ? 'read' : 'write'
}

/** The normal form, in which capabilities are stored: names in their order, `users=*;usage=read`. */
export function formatCapabilities(capabilities: Capabilities): string {
  return [...capabilities]
    .map(([name, access]) => `${name}=${access}`)
    .toSorted()
    .join(';')
}

export function addCapabilities(to: Capabilities, added: Capabilities): Capabilities {
  const sum = new Map(to)
  for (const [name, access] of added) {
    const before = sum.get(name)
    sum.set(name, before === undefined || before === access ? access : '*')
  }
  return sum
}

/** What of the second there is not in the first is not missed. */
export function removeCapabilities(from: Capabilities, removed: Capabilities): Capabilities {
  const rest = new Map(from)
  for (const [name, access] of removed) {
    const before = rest.get(name)
    if (before === undefined) continue
    if (access === '*' || access === before) rest.delete(name)
    else if (before === '*') rest.set(name, access === 'read' ? 'write' : 'read')
  }
  return rest
}

export function hasCapability(capabilities: Capabilities, name: Capability, access: 'read' | 'write'): boolean {
  const granted = capabilities.get(name)
  return granted === '*' || granted === access
}
