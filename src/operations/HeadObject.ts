import { type Found, findObject } from '../domain/objects/read.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readOverrides } from '../s3/headers/overrides.ts'
import { readPermissions } from '../s3/headers/permissions.ts'
import { type ObjectQuery, objectResponse, readObjectQuery } from '../s3/headers/read-object.ts'
import type { Operation } from './operation.ts'

interface Output {
  readonly query: ObjectQuery
  readonly found: Exclude<Found, { kind: 'absent' }>
  readonly overrides: Readonly<Record<string, string>>
}

export const HeadObject: Operation<ObjectQuery, Output> = {
  name: 'HeadObject',
  needs: readPermissions,
  payload: 'none',
  read: readObjectQuery,
  async run(context, query) {
    const overrides = readOverrides(context.head, context.caller.kind === 'anonymous')
    const found = await findObject(context.services, { ...query, bucketId: context.bucket().id })
    if (found.kind === 'absent') throw absentError(context.dialect, { ...query, marker: found.marker })
    return { query, found, overrides }
  },
  write({ query, found, overrides }, { dialect }) {
    return objectResponse(found, { query, dialect, overrides })
  },
}
