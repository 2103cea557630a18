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
  /** `https` if TLS ended here, or at a trusted proxy that says so. */
  readonly protocol: 'http' | 'https'
  /** The hosts under which the client may have signed: the Host header's, the proxy's, and the configured ones. */
  readonly hosts: readonly string[]
}

/** What the URL names. A bucket name is as given: it may be one that no rule allows. */
export interface Address {
  readonly style: 'path' | 'virtual-host'
  readonly tenant: string
  readonly bucket: string | undefined
  readonly key: string | undefined
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
