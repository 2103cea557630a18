import { BlockList, isIP } from 'node:net'

/** IPv4 clients of a socket that listens on both families appear in this form. */
const MAPPED_PREFIX = '::ffff:'

/**
 * Whether an address is one of these addresses or in one of these networks. They have been checked by config/schema.
 */
export function trustedProxies(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const plain = address.startsWith(MAPPED_PREFIX) ? address.slice(MAPPED_PREFIX.length) : address
    return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  }
}
