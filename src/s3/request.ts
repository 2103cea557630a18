import type { OperationName } from './bindings.ts'
import type { Dialect } from './dialect.ts'

/** A request's head as it came over the wire, before anything of its body has been read. */
export interface RequestHead {
  readonly method: string
  /** The request target exactly as sent: SigV4 and SigV2 sign it. */
  readonly target: string
  /** The part before `?`, exactly as sent. */
  readonly rawPath: string
  /** The part behind `?`, exactly as sent; empty if there is none. */
  readonly rawQuery: string
  readonly query: Query
  readonly headers: RequestHeaders
  readonly address: Address
  readonly remoteAddress: string
  /** Whose request it is: the peer, or whom trusted proxies forward for. IPv4 in its own form. */
  readonly clientAddress: string
  /** `https` if TLS ended here, or at a trusted proxy that says so. */
  readonly protocol: 'http' | 'https'
  /** The host that the client spoke to, as a trusted proxy, the target or the header has it, with the port if any. */
  readonly host: string | undefined
  /** `1.3`; undefined where TLS did not end here. */
  readonly tlsVersion: string | undefined
  /**
   * The hosts under which the client may have signed: the Host header's, the proxy's, and the configured ones, as far
   * as the path names the same below each of them.
   */
  readonly hosts: readonly string[]
}

/** What the URL names. A bucket name is as given: it may be one that no rule allows. */
export interface Address {
  /** `website`: the bucket's pages are asked for, not its objects by S3's rules. */
  readonly style: 'path' | 'virtual-host' | 'website'
  readonly tenant: string
  readonly bucket: string | undefined
  readonly key: string | undefined
  /** For Ceph's admin API what follows /admin/: `user`. Such an address has neither a bucket nor a key. */
  readonly admin?: string
}

/** Decoded query parameters in the order they came. Names are case-sensitive. */
export interface Query {
  /** The first value of this name; empty for `?name` and `?name=`; undefined if it is not there. */
  get(name: string): string | undefined
  has(name: string): boolean
  /** Name and value, decoded. `value` is undefined for `?name` without `=`. */
  readonly entries: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** Header fields; names in lower case, values as UTF-8 text where their bytes are such, without blanks around. */
export interface RequestHeaders {
  /** Repeated fields joined by a comma, as SigV4 and SigV2 sign them; undefined if it is not there. */
  get(name: string): string | undefined
  has(name: string): boolean
  /** In the order they came, repeated fields apart; then those of a presigned URL. */
  readonly entries: readonly { readonly name: string; readonly value: string }[]
  /** The field as sent, one character per byte, repeated fields joined by a comma; never one of a presigned URL. */
  raw(name: string): string | undefined
  /** The `x-amz-*` fields that a presigned URL bears as parameters: they count as sent, and win over a header. */
  readonly hoisted: ReadonlyMap<string, string> | undefined
}

/** What an operation's `read` gets: all of the request but a streamed body. */
export interface Wire {
  readonly head: RequestHead
  readonly operation: OperationName
  readonly dialect: Dialect
  /** The whole body of an operation whose payload is `document`; empty otherwise. */
  readonly document: Buffer
}
