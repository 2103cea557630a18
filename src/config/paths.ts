/** `setPath(config, 'server.tls.port', 7443)`: makes the mappings on the way. */
export function setPath(target: object, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  let mapping = target as Record<string, unknown>
  for (const key of keys) {
    mapping[key] ??= {}
    mapping = mapping[key] as Record<string, unknown>
  }
  mapping[last] = value
}

/**
 * Mappings are merged key by key; everything else, lists too, is replaced. An undefined value replaces nothing, and
 * neither does null a mapping: it is what YAML reads where all that a section holds is commented out.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (over === undefined || (over === null && isMapping(base))) return base
  if (!isMapping(base) || !isMapping(over)) return over
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) merged[key] = merge(merged[key], value)
  return merged
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
