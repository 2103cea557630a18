import type { PictureRequest } from '../../../domain/images/locate.ts'
import type { VersionRef } from '../../../domain/versions/locate.ts'
import { S3Error, s3Error } from '../../../errors.ts'
import type { ProcessWish } from '../../../s3/headers/process.ts'
import type { Context } from '../../operation.ts'

export interface PictureOrder extends Omit<PictureRequest, 'directive' | 'grantOverlays'> {
  /** The bucket of the source, as the request names it. */
  readonly bucket: { readonly tenant: string; readonly name: string }
  readonly source: VersionRef
  readonly process: ProcessWish
}

/**
 * What a request asks for of a picture. The objects that a watermark names have to be readable for the caller as the
 * picture itself. But a directive that whoever holds a presigned URL may have put there is not the signer's: ZOS lets
 * it be appended, and the URL opens one object and no other, so that those objects have to be readable for anybody.
 */
export function pictureRequest(context: Context, { bucket, process, ...order }: PictureOrder): PictureRequest {
  return {
    ...order,
    directive: process.directive,
    async grantOverlays(keys) {
      const { tenant, name } = bucket
      const permissions = keys.map((key) => ({ action: 's3:GetObject', tenant, bucket: name, key }) as const)
      if (isTheCallers(context, process)) return await context.authorizeAlso(permissions, 'caller')
      try {
        return await context.authorizeAlso(permissions, 'stranger')
      } catch (cause) {
        if (!(cause instanceof S3Error) || cause.code !== 'AccessDenied') throw cause
        const message = 'A watermark image that the signature does not cover has to be public'
        throw s3Error('AccessDenied', {}, { message, reason: `${cause.reason}, and it was not signed` })
      }
    },
  }
}

/**
 * Whether it was the caller who has said what is to be done: of a presigned URL the signature covers the query alone.
 */
function isTheCallers({ authentication }: Context, { place }: ProcessWish): boolean {
  return !authentication.presigned || (place === 'query' && !authentication.appended)
}
