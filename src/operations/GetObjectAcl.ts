import { shownAcl } from '../domain/access/settle.ts'
import { locate } from '../domain/versions/locate.ts'
import { aclDocument } from '../s3/documents/acl.ts'
import { absentError } from '../s3/headers/absent.ts'
import { objectAddress, onObject } from '../s3/headers/permissions.ts'
import { readVersionId } from '../s3/headers/version-id.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly versionId: string | undefined
}

type Output = ReturnType<typeof shownAcl>

export const GetObjectAcl: Operation<Input, Output> = {
  name: 'GetObjectAcl',
  needs: (head) => [onObject(head, head.query.has('versionId') ? 's3:GetObjectVersionAcl' : 's3:GetObjectAcl')],
  payload: 'none',
  read: ({ head, dialect }) => ({ key: objectAddress(head).key, versionId: readVersionId({ head, dialect }) }),
  async run(context, { key, versionId }) {
    const bucket = context.bucket()
    const ref = { bucketId: bucket.id, key, versionId, assertGranted: context.assertStillGranted }
    const row = await context.services.metadata.read((tx) => locate(tx, ref))
    if (row?.kind !== 'object') throw absentError(context.dialect, { key, versionId, marker: row })
    return shownAcl(bucket, { ownerId: row.ownerId, acl: row.attributes.acl })
  },
  write: (acl, { services, dialect }) => ({ body: aclDocument(acl, { accounts: services.accounts, dialect }) }),
}
