/** An IP address, or with fewer bits than it has, a network. IPv4 in IPv6's form (`::ffff:10.0.0.1`) is IPv4. */
export interface Network {
  readonly family: 4 | 6
  readonly value: bigint
  /** Length of the prefix. */
  readonly bits: number
}

const WIDTH = { 4: 32, 6: 128 } as const
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const GROUP = /^[0-9a-fA-F]{1,4}$/
const GROUPS = 8
const GROUP_BITS = 16n
/** `::ffff:0:0/96` */
const MAPPED = 0xffffn
const MAPPED_BITS = 96

/** Undefined for what is no address. */
export function parseIp(text: string): Network | undefined {
  const v4 = ipv4(text)
  if (v4 !== undefined) return { family: 4, value: v4, bits: WIDTH[4] }
  const v6 = ipv6(text)
  return v6 === undefined ? undefined : unmapped({ family: 6, value: v6, bits: WIDTH[6] })
}

/** `10.0.0.0/8`, `2001:db8::/32`, or an address alone. Undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return parseIp(text)
  const [address, length] = [text.slice(0, slash), text.slice(slash + 1)]
  const v4 = ipv4(address)
  const value = v4 ?? ipv6(address)
  const family = v4 === undefined ? 6 : 4
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return value !== undefined && bits <= WIDTH[family] ? unmapped({ family, value, bits }) : undefined
}

export function contains(network: Network, address: Network): boolean {
  if (network.family !== address.family) return false
  const rest = BigInt(WIDTH[network.family] - network.bits)
  return network.value >> rest === address.value >> rest
}

function unmapped(network: Network): Network {
  const { value, bits } = network
  if (value >> BigInt(WIDTH[4]) !== MAPPED || bits < MAPPED_BITS) return network
  return { family: 4, value: value & 0xffffffffn, bits: bits - MAPPED_BITS }
}

function ipv4(text: string): bigint | undefined {
  if (!IPV4.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function ipv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const given = head.length + (tail?.length ?? 0)
  // `::` stands for one group of zeros at least.
  if (tail === undefined ? given !== GROUPS : given >= GROUPS) return undefined
  const groups = [...head, ...Array<bigint>(GROUPS - given).fill(0n), ...(tail ?? [])]
  return groups.reduce((value, group) => (value << GROUP_BITS) | group, 0n)
}

/** The groups of one side of `::`. An address's last two may be written as IPv4. */
function groupsOf(half: string, isLast: boolean): bigint[] | undefined {
  if (half === '') return []
  const groups: bigint[] = []
  const pieces = half.split(':')
  for (const [index, piece] of pieces.entries()) {
    const v4 = isLast && index === pieces.length - 1 ? ipv4(piece) : undefined
    if (v4 !== undefined) groups.push(v4 >> GROUP_BITS, v4 & 0xffffn)
    else if (GROUP.test(piece)) groups.push(BigInt(`0x${piece}`))
    else return undefined
  }
  return groups
}
