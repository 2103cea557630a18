import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { PushFailed } from './topic.ts'

/**
 * Where clouds tell a machine its credentials, and everything link-local: whoever may create a topic must not make this
 * server write there. The addresses are those that AWS, Google, Azure, Alibaba and Oracle document for their machines.
 */
const NEVER = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254',
  'fd20:ce::254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  // The link-local range behind a NAT64 gateway (RFC 6052).
  '64:ff9b::a9fe:0/112',
]

/** Systems take a connection to no address in particular for one to the machine itself. */
const UNSPECIFIED = ['0.0.0.0', '::']
const LOOPBACK = ['127.0.0.1', '::1']

export interface GuardSettings {
  /** Networks that may be connected to; any, where there are none. */
  readonly allow: readonly string[]
  /** Networks that may not, even where `allow` has them. */
  readonly deny: readonly string[]
}

type Answered = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void

/**
 * Decides which addresses endpoints may be at. It is asked for the address that is being connected to, not for a name:
 * a name that means something else the next time (DNS rebinding) gains nothing.
 */
export class NetworkGuard {
  readonly #allow: BlockList | undefined
  readonly #deny: BlockList
  readonly #unspecified = networks(UNSPECIFIED)
  readonly #lookup: typeof systemLookup
  /** Who waits for the addresses of a name. */
  readonly #asked = new Map<string, Answered[]>()

  constructor({ allow, deny }: GuardSettings = { allow: [], deny: [] }, lookup: typeof systemLookup = systemLookup) {
    this.#allow = allow.length === 0 ? undefined : networks(allow)
    this.#deny = networks([...NEVER, ...deny])
    this.#lookup = lookup
  }

  permits(address: string): boolean {
    const [plain = ''] = address.split('%')
    const version = isIP(plain)
    if (version === 0) return false
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (this.#unspecified.check(plain, family)) return LOOPBACK.every((own) => this.permits(own))
    return !this.#deny.check(plain, family) && (this.#allow?.check(plain, family) ?? true)
  }

  /**
   * Node connects to an address without looking it up, so hosts that are one are decided here.
   * @throws PushFailed `forbidden`
   */
  assertHost(host: string): void {
    const plain = host.replace(/^\[|\]$/g, '')
    if (isIP(plain) !== 0 && !this.permits(plain)) throw forbidden(plain)
  }

  /** For net.connect and tls.connect: resolves names to the permitted ones of their addresses. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#ask(hostname, options, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const permitted = addresses.filter(({ address }) => this.permits(address))
      const [first] = permitted
      if (first === undefined) return callback(forbidden(hostname), '')
      if (options.all === true) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }

  /**
   * Asks once, however many connections wait for the answer. Node asks for two names at a time and nobody can take a
   * question back: those for a name that no server answers, ten seconds each, would keep all other names waiting.
   */
  #ask(hostname: string, options: LookupOptions, answered: Answered): void {
    const question = JSON.stringify([hostname, options.family, options.hints])
    const present = this.#asked.get(question)
    if (present !== undefined) {
      present.push(answered)
      return
    }
    const waiting = [answered]
    this.#asked.set(question, waiting)
    this.#lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      this.#asked.delete(question)
      for (const one of waiting) one(error, addresses)
    })
  }
}

function forbidden(host: string): PushFailed {
  return new PushFailed('forbidden', `this server does not connect to ${host}: see topics.http in its configuration`)
}

function networks(list: readonly string[]): BlockList {
  const blocks = new BlockList()
  for (const network of list) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) blocks.addAddress(address, family)
    else blocks.addSubnet(address, Number(bits), family)
  }
  return blocks
}
