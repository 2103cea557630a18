import type { Integrity } from '../../../domain/bytes/integrity.ts'
import { type Appended, appendObject } from '../../../domain/objects/append.ts'
import type { Conditions } from '../../../domain/objects/conditions.ts'
import { s3Error } from '../../../errors.ts'
import { readAttributes } from '../../../s3/headers/attributes.ts'
import { checksumHeaders } from '../../../s3/headers/checksum.ts'
import { readWriteConditions } from '../../../s3/headers/conditions.ts'
import { readIntegrity } from '../../../s3/headers/integrity.ts'
import { objectAddress, writePermissions } from '../../../s3/headers/permissions.ts'
import { refuseUnserved } from '../../../s3/headers/refuse.ts'
import { readStorageClass } from '../../../s3/headers/storage-class.ts'
import type { RequestHead } from '../../../s3/request.ts'
import type { ObjectAttributes } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly key: string
  readonly positionBytes: number
  readonly attributes: ObjectAttributes
  readonly storageClass: string | undefined
  readonly integrity: Integrity
  readonly conditions: Conditions
}

/** `PUT ?append&position=`: Ceph's and ZOS's own; put_object with Append and AppendPosition in their boto3. */
export const AppendObject: Operation<Input, Appended> = {
  name: 'AppendObject',
  needs: writePermissions,
  payload: 'stream',
  read(wire) {
    const { head } = wire
    refuseUnserved(head)
    return {
      key: objectAddress(head).key,
      positionBytes: readPosition(head),
      attributes: readAttributes(wire),
      storageClass: readStorageClass(wire),
      integrity: readIntegrity(head),
      conditions: readWriteConditions(head),
    }
  },
  async run(context, input) {
    const { services, caller, body, dialect, signal } = context
    if (body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const bucket = context.bucket()
    return await appendObject(
      services,
      { ...input, bucket, caller, body, ifMatchOnMissing: dialect.ifMatchOnMissing },
      signal,
    )
  },
  // The ETag is the piece's, not the object's: recorded from RGW, and the ZOS manual's sample shows the same.
  write({ version, pieceMd5, pieceChecksum }) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${pieceMd5}"`],
        ['Accept-Ranges', 'bytes'],
        ['x-rgw-next-append-position', version.sizeBytes],
        ...checksumHeaders(pieceChecksum),
      ],
    }
  },
}

/** @throws S3Error InvalidArgument unless it is a whole number that is not negative */
function readPosition(head: RequestHead): number {
  const text = head.query.get('position')
  const position = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(position)) return position
  throw s3Error('InvalidArgument', { ArgumentName: 'position', ArgumentValue: text ?? '' })
}
