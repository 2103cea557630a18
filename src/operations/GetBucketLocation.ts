import { shownLocation } from '../domain/buckets/location.ts'
import { locationDocument } from '../s3/documents/location.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** The location as stored; the output is the LocationConstraint to print. */
export const GetBucketLocation: Operation<undefined, string> = {
  name: 'GetBucketLocation',
  needs: (head) => [onBucket(head, 's3:GetBucketLocation')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { location } = context.bucket()
    const rule = context.dialect.locations
    return shownLocation(location, { region: context.services.region, rule })
  },
  write: (location) => ({ body: locationDocument(location) }),
}
