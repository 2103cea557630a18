import type { Readable } from 'node:stream'

export type HeaderValue = string | number | undefined

/** An operation's answer. Headers that every response bears (request id, date) are added by http/reply. */
export interface WireResponse {
  /** Undefined: the status of the operation's row in the bindings. */
  readonly status?: number
  /** In order; an undefined value is left out. */
  readonly headers?: readonly (readonly [name: string, value: HeaderValue])[]
  /**
   * Text is sent as UTF-8; a Readable needs a Content-Length header, or is sent chunked. Its pieces are whoever's sends
   * them: a piece that is all of its memory is freed behind that.
   */
  readonly body?: string | Buffer | Readable
}
