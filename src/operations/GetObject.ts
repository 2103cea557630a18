import { Readable } from 'node:stream'
import { withVisibleLocks } from '../domain/locks/visible.ts'
import { type Found, openObject } from '../domain/objects/read.ts'
import { restoreStatus } from '../domain/storage-classes/archive.ts'
import { absentError } from '../s3/headers/absent.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { readOverrides } from '../s3/headers/overrides.ts'
import { readPermissions } from '../s3/headers/permissions.ts'
import { type ObjectQuery, objectResponse, readObjectQuery } from '../s3/headers/read-object.ts'
import type { Operation } from './operation.ts'

interface Output {
  readonly query: ObjectQuery
  readonly found: Exclude<Found, { kind: 'absent' }>
  readonly overrides: Readonly<Record<string, string>>
  readonly body: Buffer | Readable | undefined
}

export const GetObject: Operation<ObjectQuery, Output> = {
  name: 'GetObject',
  needs: readPermissions,
  payload: 'none',
  read: readObjectQuery,
  async run(context, query) {
    const overrides = readOverrides(context.head, context.caller.kind === 'anonymous')
    const offer = { key: query.customerKey, rules: context.dialect.encryption }
    const { assertStillGranted: assertGranted } = context
    const request = { ...query, bucketId: context.bucket().id, offer, assertGranted }
    const { found, body } = await openObject(context.services, request, context)
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
