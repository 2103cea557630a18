import { parseIp } from '../domain/access/policy/addresses.ts'

/** IPv4 clients of a socket that listens on both families appear in this form. */
const MAPPED_PREFIX = '::ffff:'

/**
 * The address of whoever sent a request through any number of trusted proxies. Each proxy appends to X-Forwarded-For
 * whom it heard, so the list is read from its end for as long as the next hop is trusted: what stands before the first
 * stranger was written by the stranger.
 * @param peer the connection's other end
 * @param forwarded X-Forwarded-For as sent
 */
export function clientAddress(
  peer: string,
  forwarded: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let client = plain(peer)
  if (forwarded === undefined) return client
  const hops = forwarded.split(',')
  for (let hop = hops.pop(); hop !== undefined && isTrusted(client); hop = hops.pop()) {
    const address = addressOf(hop.trim())
    // A proxy that writes `unknown` hides its client: the proxy is all that is known then.
    if (address === undefined) return client
    client = address
  }
  return client
}

const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::\d{1,5})?$/

/** An address, which some proxies write with the port. */
function addressOf(hop: string): string | undefined {
  const groups = WITH_PORT.exec(hop)?.groups
  const address = groups?.['v6'] ?? groups?.['v4'] ?? hop
  return parseIp(address) === undefined ? undefined : plain(address)
}

function plain(address: string): string {
  const isMapped = address.length > MAPPED_PREFIX.length && address.toLowerCase().startsWith(MAPPED_PREFIX)
  return isMapped && address.includes('.') ? address.slice(MAPPED_PREFIX.length) : address
}
