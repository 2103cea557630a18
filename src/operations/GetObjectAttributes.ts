import type { CustomerKey } from '../domain/encryption/customer-key.ts'
import { assertKeyFits } from '../domain/encryption/key-check.ts'
import { type Described, describeObject, type PartsRange } from '../domain/objects/attributes.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import {
  type AttributeName,
  objectAttributes,
  readAttributeNames,
  readPartsRange,
} from '../s3/documents/object-attributes.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readOfferedKey } from '../s3/headers/encryption.ts'
import { httpDate } from '../s3/headers/names.ts'
import { objectAddress, onObject, readPermissions } from '../s3/headers/permissions.ts'
import { readVersionId } from '../s3/headers/version-id.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly versionId: string | undefined
  readonly wanted: ReadonlySet<AttributeName>
  readonly partsRange: PartsRange | undefined
  readonly customerKey: CustomerKey | undefined
}

interface Output {
  readonly wanted: ReadonlySet<AttributeName>
  readonly found: Exclude<Described, { kind: 'absent' }>
}

export const GetObjectAttributes: Operation<Input, Output> = {
  name: 'GetObjectAttributes',
  // S3 asks for the permission to read the object beside the one for its attributes.
  needs: (head) => [...readPermissions(head), onObject(head, attributesAction(head))],
  payload: 'none',
  read({ head, dialect }) {
    const wanted = readAttributeNames(head)
    return {
      key: objectAddress(head).key,
      versionId: readVersionId({ head, dialect }),
      wanted,
      partsRange: wanted.has('ObjectParts') ? readPartsRange(head) : undefined,
      customerKey: readOfferedKey({ head, dialect }),
    }
  },
  async run(context, { key, versionId, wanted, partsRange, customerKey }) {
    const ref = { bucketId: context.bucket().id, key, versionId, assertGranted: context.assertStillGranted }
    const found = await describeObject(context.services, ref, partsRange)
    if (found.kind === 'absent') throw absentError(context.dialect, { key, versionId, marker: found.marker })
    const offer = { key: customerKey, rules: context.dialect.encryption }
    assertKeyFits(found.version.attributes.encryption, offer)
    return { wanted, found }
  },
  write({ wanted, found: { version, parts } }) {
    return {
      headers: [
        ['Last-Modified', httpDate(version.lastModifiedMs)],
        ['x-amz-version-id', version.versionId === NULL_VERSION ? undefined : version.versionId],
        ['Content-Type', 'application/xml'],
      ],
      body: objectAttributes(version, { wanted, parts }),
    }
  },
}

function attributesAction(head: RequestHead) {
  return head.query.has('versionId') ? 's3:GetObjectVersionAttributes' : 's3:GetObjectAttributes'
}
