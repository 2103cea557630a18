import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import type { RequestHead } from '../request.ts'

/** The form of an id: `null`, 31 characters as this server and RGW make them, or 32 as AWS does. */
const VERSION_ID = /^(?:null|[\w.-]{31,32})$/

/**
 * The `versionId` parameter; `null` names the null version.
 * @throws S3Error InvalidArgument for an empty one: read as "none", it would turn the removal of a version into
 *   another; and, where the dialect refuses those, for one that is not of an id's form
 */
export function readVersionId({ head, dialect }: { head: RequestHead; dialect: Dialect }): string | undefined {
  const versionId = head.query.get('versionId')
  if (versionId === '') throw invalid('versionId', { value: '', message: 'Version id cannot be the empty string' })
  if (versionId !== undefined) assertVersionId(versionId, { name: 'versionId', dialect })
  return versionId
}

/** @throws S3Error InvalidArgument for what is not of an id's form, where the dialect refuses those */
export function assertVersionId(value: string, { name, dialect }: { name: string; dialect: Dialect }): void {
  if (!dialect.refusesMalformedVersionIds || VERSION_ID.test(value)) return
  throw invalid(name, { value, message: 'Invalid version id specified' })
}

function invalid(name: string, { value, message }: { value: string; message: string }): Error {
  return s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message })
}
