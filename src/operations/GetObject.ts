import { Readable } from 'node:stream'
import { openPicture, type PictureRead } from '../domain/images/read.ts'
import { withVisibleLocks } from '../domain/locks/visible.ts'
import { type Found, openObject, type ReadRequest } from '../domain/objects/read.ts'
import { restoreStatus } from '../domain/storage-classes/archive.ts'
import { absentError } from '../s3/headers/absent.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { readOverrides } from '../s3/headers/overrides.ts'
import { readPermissions } from '../s3/headers/permissions.ts'
import { type ProcessWish, readProcess } from '../s3/headers/process.ts'
import { type ObjectQuery, objectResponse, readObjectQuery } from '../s3/headers/read-object.ts'
import type { Wire } from '../s3/request.ts'
import { pictureRequest } from './extensions/zos/picture.ts'
import type { Context, Operation } from './operation.ts'

export interface GetObjectInput extends ObjectQuery {
  /** What is to be made of the object, a picture, instead of returning it. */
  readonly process: ProcessWish | undefined
}

interface Output {
  readonly query: ObjectQuery
  readonly found: Exclude<Found, { kind: 'absent' }>
  readonly overrides: Readonly<Record<string, string>>
  readonly body: Buffer | Readable | undefined
}

export const GetObject: Operation<GetObjectInput, Output> = {
  name: 'GetObject',
  needs: readPermissions,
  payload: 'none',
  read: readGetObject,
  async run(context, query) {
    const overrides = readOverrides(context.head, context.caller.kind === 'anonymous')
    const { found, body } = await open(context, query)
    if (found.kind === 'absent') throw absentError(context.dialect, { ...query, marker: found.marker })
    try {
      const view = { bucket: context.bucket(), version: found.version, versionId: query.versionId }
      const version = await withVisibleLocks(context.authorizeEach, view)
      return { query, found: { ...found, version }, overrides, body }
    } catch (cause) {
      if (body instanceof Readable) body.destroy()
      throw cause
    }
  },
  write({ query, found, overrides, body }, context) {
    const { clock, dayMs } = context.services
    const expiration = expirationHeader(context.bucket(), found.version, dayMs)
    const restore = restoreStatus(found.version.attributes.restore, clock.now())
    const response = objectResponse(found, { query, dialect: context.dialect, overrides, expiration, restore })
    return body === undefined ? response : { ...response, body }
  },
}

/** What GET and HEAD of an object read, of a processed picture too. */
export function readGetObject(wire: Wire): GetObjectInput {
  return { ...readObjectQuery(wire), process: readProcess(wire.head, wire.dialect) }
}

/** Which object a request reads, and with which key. */
export function readRequest(context: Context, query: ObjectQuery): ReadRequest {
  const offer = { key: query.customerKey, rules: context.dialect.encryption }
  const { assertStillGranted: assertGranted } = context
  return { ...query, bucketId: context.bucket().id, offer, assertGranted }
}

/** The same for what a directive makes of it. */
export function readPictureRequest(context: Context, query: ObjectQuery, process: ProcessWish): PictureRead {
  const { conditions, selection, offer, ...source } = readRequest(context, query)
  const bucket = context.bucket()
  return { ...pictureRequest(context, { bucket, source, offer, process }), conditions, selection }
}

async function open(context: Context, { process, ...query }: GetObjectInput) {
  if (process === undefined) return await openObject(context.services, readRequest(context, query), context)
  return await openPicture(context.services, readPictureRequest(context, query, process), context)
}
