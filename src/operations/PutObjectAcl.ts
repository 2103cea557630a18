import type { RequestedAcl } from '../domain/access/acl.ts'
import { putObjectAcl } from '../domain/objects/acl.ts'
import { ACL_DOCUMENT_BYTES_MAX, readAcl } from '../s3/documents/acl.ts'
import { absentError } from '../s3/headers/absent.ts'
import { objectAddress, onObject } from '../s3/headers/permissions.ts'
import { readVersionId } from '../s3/headers/version-id.ts'
import type { VersionRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly versionId: string | undefined
  readonly requested: RequestedAcl
}

export const PutObjectAcl: Operation<Input, undefined> = {
  name: 'PutObjectAcl',
  needs: (head) => [onObject(head, head.query.has('versionId') ? 's3:PutObjectVersionAcl' : 's3:PutObjectAcl')],
  payload: { document: { maxBytes: ACL_DOCUMENT_BYTES_MAX } },
  read(wire) {
    const { head, dialect } = wire
    return {
      key: objectAddress(head).key,
      versionId: readVersionId({ head, dialect }),
      requested: readAcl(wire, 'object'),
    }
  },
  async run(context, input) {
    const { key, versionId } = input
    const absent = (marker: VersionRow | undefined) => absentError(context.dialect, { key, versionId, marker })
    const { assertStillGranted: assertGranted, teller } = context
    await putObjectAcl(context.services, { ...input, bucket: context.bucket(), assertGranted, absent, teller })
    return undefined
  },
  // RGW names a type although there is no body (recorded: object.put_acl.canned_private).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
