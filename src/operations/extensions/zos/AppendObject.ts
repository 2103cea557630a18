import { type Appended, appendObject } from '../../../domain/objects/append.ts'
import { s3Error } from '../../../errors.ts'
import { checksumHeaders } from '../../../s3/headers/checksum.ts'
import { encryptionHeaders } from '../../../s3/headers/encryption.ts'
import { expirationHeader } from '../../../s3/headers/lifecycle.ts'
import { writePermissions } from '../../../s3/headers/permissions.ts'
import type { RequestHead } from '../../../s3/request.ts'
import type { Operation } from '../../operation.ts'
import { PutObject, type PutObjectInput } from '../../PutObject.ts'

interface Input extends PutObjectInput {
  readonly positionBytes: number
}

/** `PUT ?append&position=`: Ceph's and ZOS's own; put_object with Append and AppendPosition in their boto3. */
export const AppendObject: Operation<Input, Appended> = {
  name: 'AppendObject',
  needs: writePermissions,
  payload: 'stream',
  read: (wire) => ({ ...PutObject.read(wire), positionBytes: readPosition(wire.head) }),
  async run(context, input) {
    const { services, caller, body, dialect, signal, teller } = context
    if (body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const bucket = context.bucket()
    return await appendObject(
      services,
      { ...input, bucket, caller, body, ifMatchOnMissing: dialect.ifMatchOnMissing, teller },
      signal,
    )
  },
  // The ETag is the piece's, not the object's: recorded from RGW, and the ZOS manual's sample shows the same.
  write({ version, pieceMd5, pieceChecksum }, context) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${pieceMd5}"`],
        ['Accept-Ranges', 'bytes'],
        ['x-rgw-next-append-position', version.sizeBytes],
        expirationHeader(context.bucket(), version, context.services.dayMs),
        ...checksumHeaders(pieceChecksum),
        ...encryptionHeaders(version.attributes.encryption, 'write'),
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
