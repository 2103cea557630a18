import type { Readable } from 'node:stream'
import type { Decision } from '../domain/access/facts.ts'
import type { Permission } from '../domain/access/permissions.ts'
import type { Caller } from '../domain/accounts.ts'
import type { Teller } from '../domain/notifications/teller.ts'
import type { Services } from '../domain/services.ts'
import type { GrantCheck } from '../domain/versions/locate.ts'
import type { OperationName } from '../s3/bindings.ts'
import type { BodyFacts } from '../s3/body-conditions.ts'
import type { Dialect } from '../s3/dialect.ts'
import type { RequestHead, Wire } from '../s3/request.ts'
import type { WireResponse } from '../s3/response.ts'
import type { Authentication } from '../s3/signature/authenticate.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'

/**
 * One S3 operation. `needs`, `read` and `write` are pure; `run` is the only part that waits. Every field is required:
 * an operation that forgets its permissions does not compile.
 */
export interface Operation<Input = unknown, Output = unknown> {
  readonly name: OperationName
  /** The permissions the caller needs, from the head alone. All of them must be granted. */
  needs(head: RequestHead): readonly Permission[]
  /**
   * `none`: a body is drained and ignored; `document`: at most `maxBytes`, verified against its digests, in
   * Wire.document; `stream`: Context.body; `form`: the file of a multipart/form-data body is Context.body, and its
   * fields are the head that `needs` and `read` get, with the key in its address. With `describesObject` the checksum
   * in the head is that of the object which the document makes (CompleteMultipartUpload), so the document is held
   * against its Content-MD5 only. `action`: the parameters of a form posted to the service have been read already, and
   * are the query of the head that `needs` and `read` get.
   */
  readonly payload:
    | 'none'
    | 'stream'
    | 'form'
    | 'action'
    | { readonly document: { readonly maxBytes: number; readonly describesObject?: boolean } }
  read(wire: Wire): Input
  run(context: Context, input: Input): Promise<Output>
  write(output: Output, context: Context): WireResponse
}

/** What `run` works with beside its input. */
export interface Context {
  readonly services: Services
  readonly caller: Caller
  readonly head: RequestHead
  /** How the caller was found. */
  readonly authentication: Pick<Authentication, 'presigned' | 'appended'>
  readonly dialect: Dialect
  readonly requestId: string
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal
  /** The body of an operation whose payload is `stream`. */
  readonly body: Body
  /**
   * The bucket that the request names, as it was when the request was authorized.
   * @throws S3Error NoSuchBucket when there is none
   */
  bucket(): BucketRow
  /**
   * Decides each of these by itself, in one read transaction and in their order: for resources that only the body
   * names. A denial is no error here, and its reason is for the log alone.
   * @throws S3Error NoSuchBucket
   */
  authorizeEach(permissions: readonly Permission[]): Promise<readonly Decision[]>
  /**
   * Decides these as well, for the caller or for somebody of whom nothing is known, for objects that only the body or a
   * directive names; all of them must be granted.
   * @returns assertStillGranted for the objects that these are about
   * @throws S3Error AccessDenied, NoSuchBucket
   */
  authorizeAlso(permissions: readonly Permission[], as: 'caller' | 'stranger'): Promise<GrantCheck>
  /**
   * Decides the operation's permissions again if the bucket's policy asks about what the body says
   * (s3:RequestObjectTag, s3:object-lock-mode): before the body was read, the policy was read in the request's favour.
   * @throws S3Error AccessDenied
   */
  authorizeBody(permissions: readonly Permission[], body: BodyFacts): Promise<void>
  /**
   * For every object that is looked up for the caller (VersionRef.assertGranted): what he was granted, he was granted
   * for the object of then, and for one that is not there whoever may list the bucket is let through to hear so.
   */
  readonly assertStillGranted: GrantCheck
  /** Makes the changes of this request that events are told of. They are pushed before the answer. */
  readonly teller: Teller
}

/** A request body, freed of its transfer framing. */
export interface Body {
  /** Fails with the S3Error of a bad chunk signature, payload hash, trailer, or length, before its end is reached. */
  readonly stream: Readable
  /** Content-Length, or X-Amz-Decoded-Content-Length for aws-chunked; undefined where the client announced none. */
  readonly sizeBytes: number | undefined
  /** The trailing headers, in lower case; complete once the stream has ended. Empty without a trailer. */
  trailers(): ReadonlyMap<string, string>
}

/** Operations of different inputs in one table. */
// biome-ignore lint/suspicious/noExplicitAny: each operation's own types are checked where it is defined
export type AnyOperation = Operation<any, any>
