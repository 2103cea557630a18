import assert from 'node:assert/strict'
import { resolveAcl } from '../domain/access/acl.ts'
import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import { newBucketSettings } from '../domain/access/settle.ts'
import { createBucket } from '../domain/buckets/create.ts'
import { resolveLocation } from '../domain/buckets/location.ts'
import { isBucketName } from '../domain/buckets/name.ts'
import { s3Error } from '../errors.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { type CreateBucketRequest, readCreateBucket } from '../s3/documents/create-bucket.ts'
import { bucketAddress, onBucket } from '../s3/headers/bucket.ts'
import type { BucketRef, BucketRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly named: BucketRef
  readonly request: CreateBucketRequest
}

export const CreateBucket: Operation<Input, BucketRow> = {
  name: 'CreateBucket',
  needs: (head) => [onBucket(head, 's3:CreateBucket')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read(wire) {
    const named = bucketAddress(wire.head)
    if (!isBucketName(named.name, wire.dialect.bucketNames)) {
      throw s3Error('InvalidBucketName', { BucketName: named.name })
    }
    return { named, request: readCreateBucket(wire) }
  },
  async run({ services, caller, dialect }, { named, request }) {
    assert(caller.kind === 'account', 'an anonymous caller is not granted s3:CreateBucket')
    const { locationConstraint, acl: requested, ownership, tags, ...rest } = request
    const rule = dialect.locations
    const location = resolveLocation(locationConstraint, { region: services.region, rule })
    const acl = resolveAcl(services.accounts, requested, caller.account.id)
    const born = newBucketSettings(dialect.access, ownership)
    const settings = tags.length === 0 ? born : { ...born, tags }
    return createBucket(services, {
      bucket: { ...bucketRefFor(caller, named), ...rest, location, acl, settings },
      creator: caller.account,
      ownership,
      recreateSucceeds: dialect.recreateBucketSucceeds,
    })
  },
  write(bucket, { dialect }) {
    return { headers: [['Location', dialect.tellsLocation ? `/${bucket.name}` : undefined]] }
  },
}
