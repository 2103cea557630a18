import type { Readable } from 'node:stream'
import { type Found, openObject } from '../domain/objects/read.ts'
import { absentError } from '../s3/headers/absent.ts'
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
    const request = { ...query, bucketId: context.bucket().id }
    const { found, body } = await openObject(context.services, request, context)
    if (found.kind === 'absent') throw absentError(context.dialect, { ...query, marker: found.marker })
    return { query, found, overrides, body }
  },
  write({ query, found, overrides, body }, { dialect }) {
    const response = objectResponse(found, { query, dialect, overrides })
    return body === undefined ? response : { ...response, body }
  },
}
