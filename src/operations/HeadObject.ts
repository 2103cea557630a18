import { findPicture } from '../domain/images/read.ts'
import { withVisibleLocks } from '../domain/locks/visible.ts'
import { type Found, findObject } from '../domain/objects/read.ts'
import { restoreStatus } from '../domain/storage-classes/archive.ts'
import { absentError } from '../s3/headers/absent.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { readOverrides } from '../s3/headers/overrides.ts'
import { readPermissions } from '../s3/headers/permissions.ts'
import { type ObjectQuery, objectResponse } from '../s3/headers/read-object.ts'
import { type GetObjectInput, readGetObject, readPictureRequest, readRequest } from './GetObject.ts'
import type { Context, Operation } from './operation.ts'

interface Output {
  readonly query: ObjectQuery
  readonly found: Exclude<Found, { kind: 'absent' }>
  readonly overrides: Readonly<Record<string, string>>
}

export const HeadObject: Operation<GetObjectInput, Output> = {
  name: 'HeadObject',
  needs: readPermissions,
  payload: 'none',
  read: readGetObject,
  async run(context, query) {
    const overrides = readOverrides(context.head, context.caller.kind === 'anonymous')
    const found = await find(context, query)
    if (found.kind === 'absent') throw absentError(context.dialect, { ...query, marker: found.marker })
    const view = { bucket: context.bucket(), version: found.version, versionId: query.versionId }
    const version = await withVisibleLocks(context.authorizeEach, view)
    return { query, found: { ...found, version }, overrides }
  },
  write({ query, found, overrides }, context) {
    const { clock, dayMs } = context.services
    const expiration = expirationHeader(context.bucket(), found.version, dayMs)
    const restore = restoreStatus(found.version.attributes.restore, clock.now())
    return objectResponse(found, { query, dialect: context.dialect, overrides, expiration, restore })
  },
}

/**
 * ZOS's manual processes pictures in GetObject alone. But a HEAD tells what its GET would (RFC 9110 section 9.3.2), and
 * nobody knows a result's length or ETag before it has been made.
 */
async function find(context: Context, { process, ...query }: GetObjectInput): Promise<Found> {
  if (process === undefined) return await findObject(context.services, readRequest(context, query))
  return (await findPicture(context.services, readPictureRequest(context, query, process), context)).found
}
