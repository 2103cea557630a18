import type { Services } from '../domain/services.ts'
import { S3Error, s3Error } from '../errors.ts'
import type { Dialect } from '../s3/dialect.ts'
import { expandFilename, type FormFields } from '../s3/form/fields.ts'
import { formHead, refuseFormHeaders } from '../s3/form/head.ts'
import { parseParameters } from '../s3/form/parameters.ts'
import { FORM_BYTES_MAX, malformed } from '../s3/form/parser.ts'
import { refuseUnserved } from '../s3/headers/refuse.ts'
import { decodeBody, requireLength } from '../s3/payload.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Authentication, Authenticator } from '../s3/signature/authenticate.ts'
import { ANY_LENGTH, parsePostPolicy } from '../s3/signature/post-policy.ts'
import { checkPostPolicy } from '../s3/signature/post-policy-check.ts'
import type { Exchange } from './exchange.ts'
import { FormFile, tooLarge } from './form-file.ts'
import { NO_DOCUMENT, type Payload } from './payload.ts'

/** A form whose fields have been read. Its file, which has not, is its body. */
export interface Form extends Payload {
  /** The PUT that would store the same: the key in its address, the fields as its headers. */
  readonly head: RequestHead
  readonly authentication: Authentication
  /**
   * Holds the form against the policy that its signer gave it. Asked for when the bucket is known to be there, as RGW
   * does it (recorded: post.v2.missing_bucket).
   * @throws S3Error InvalidPolicyDocument, AccessDenied, EntityTooLarge, EntityTooSmall
   */
  checkPolicy(): void
}

export interface FormParts {
  readonly services: Pick<Services, 'limits'>
  readonly dialect: Dialect
  readonly authenticator: Authenticator
}

/** RFC 2046 section 5.1.1. */
const BOUNDARY_CHARACTERS_MAX = 70
const NO_TRAILERS: ReadonlyMap<string, string> = new Map()

/**
 * Reads a form up to its file, and finds out who sends it: the signer of its policy, or else whoever the request's own
 * head names.
 * @throws S3Error the dialect's for what is no form; NotImplemented for headers that a form has as fields;
 *   MissingContentLength; those of FormParser, Authenticator.authenticateForm and formHead
 */
export async function takeForm(
  parts: FormParts,
  exchange: Exchange,
  { head, authentication }: { head: RequestHead; authentication: Authentication },
): Promise<Form> {
  const { dialect } = parts
  const boundary = boundaryOf(head, dialect)
  refuseUnserved(head)
  refuseFormHeaders(head)
  requireLength(head)
  const { stream, sizeBytes } = decodeBody(head, authentication, exchange.body())
  const file = new FormFile(stream, boundary)
  const start = await file.start()
  const fields = expandFilename(start.fields, start.filename)
  const signer = authenticateForm(parts, fields)
  if (signer !== undefined && authentication.version !== undefined) {
    const message = "Only one auth mechanism allowed; either the form's policy or the request's own signature"
    throw s3Error('InvalidArgument', { ArgumentName: 'policy' }, { message })
  }
  return {
    head: formHead(head, fields, dialect),
    authentication: { ...authentication, ...signer },
    document: NO_DOCUMENT,
    body: { stream: file, sizeBytes: undefined, trailers: () => NO_TRAILERS },
    checkPolicy() {
      const length = signer === undefined ? ANY_LENGTH : checkedLength(parts, head, fields)
      const maxBytes = Math.min(length.maxBytes, parts.services.limits.putBytesMax)
      // Spares the transfer of what cannot be stored: apart from the file there are fields, before and behind it.
      const fileBytesMin = (sizeBytes ?? 0) - 2 * FORM_BYTES_MAX
      if (fileBytesMin > maxBytes) throw tooLarge(fileBytesMin, maxBytes)
      file.limit(length)
    },
  }
}

function boundaryOf({ headers }: RequestHead, { forms }: Dialect): string {
  const type = parseParameters(headers.raw('content-type') ?? '')
  if (type?.value !== 'multipart/form-data') {
    const message = 'Request Content-Type is not multipart/form-data'
    const Condition = 'Bucket POST must be of the enclosure-type multipart/form-data'
    throw forms.notAForm === 'InvalidArgument'
      ? s3Error(forms.notAForm, {}, { message })
      : s3Error(forms.notAForm, { Condition })
  }
  const boundary = type.parameters.get('boundary') ?? ''
  if (boundary.length > 0 && boundary.length <= BOUNDARY_CHARACTERS_MAX) return boundary
  throw malformed('The Content-Type names no boundary, or one that is longer than 70 characters.')
}

function authenticateForm({ authenticator, dialect }: FormParts, fields: FormFields) {
  try {
    return authenticator.authenticateForm(fields)
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.status !== 403 || dialect.forms.explainsSignatures) throw cause
    throw s3Error('AccessDenied', {}, { cause })
  }
}

function checkedLength({ authenticator, dialect }: FormParts, head: RequestHead, fields: FormFields) {
  const policy = parsePostPolicy(fields.get('policy') ?? '')
  const bucket = head.address.bucket ?? ''
  checkPostPolicy(policy, { fields, bucket, nowMs: authenticator.clock.now(), rules: dialect.forms })
  return policy.length
}
