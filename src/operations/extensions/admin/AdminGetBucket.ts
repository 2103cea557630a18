import { describeUser } from '../../../domain/accounts/users.ts'
import { listBucketRefs, listMeasured, type MeasuredBucket, measureBucket } from '../../../domain/buckets/find.ts'
import { bucketKey, bucketValue, namedBucket } from '../../../s3/admin/bucket.ts'
import { flag, namedUser, optionalText } from '../../../s3/admin/parameters.ts'
import { adminAnswer, listOf } from '../../../s3/admin/value.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Context, Operation } from '../../operation.ts'

type Input =
  | { readonly kind: 'one'; readonly bucket: BucketRef }
  | { readonly kind: 'list'; readonly ownerId: string | undefined; readonly stats: boolean }

type Output =
  | { readonly kind: 'one'; readonly measured: MeasuredBucket }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'all'; readonly measured: readonly MeasuredBucket[] }

/** `GET /admin/bucket`: one with all that is known of it; or those of a user, or all, by name or with `stats`. */
export const AdminGetBucket: Operation<Input, Output> = {
  name: 'AdminGetBucket',
  needs: () => [{ capability: 'buckets', access: 'read' }],
  payload: 'none',
  read({ head }) {
    if (optionalText(head, 'bucket') !== undefined) return { kind: 'one', bucket: namedBucket(head) }
    const ownerId = optionalText(head, 'uid') === undefined ? undefined : namedUser(head).id
    return { kind: 'list', ownerId, stats: flag(head, 'stats') ?? false }
  },
  async run(context, input) {
    const { services } = context
    if (input.kind === 'one') return { kind: 'one', measured: await measureBucket(services, input.bucket) }
    const { ownerId, stats } = input
    if (ownerId !== undefined) await assertOwner(context, ownerId)
    if (stats) return { kind: 'all', measured: await listMeasured(services, ownerId) }
    const refs = await listBucketRefs(services, ownerId)
    // A user's own buckets are all in its tenant, which Ceph leaves out then.
    return { kind: 'names', names: refs.map((ref) => (ownerId === undefined ? bucketKey(ref) : ref.name)) }
  },
  write(output, { head, services: { region } }) {
    switch (output.kind) {
      case 'one':
        return adminAnswer(head, 'stats', bucketValue(output.measured, region))
      case 'names':
        return adminAnswer(head, 'buckets', listOf('bucket', output.names))
      case 'all':
        return adminAnswer(
          head,
          'buckets',
          listOf(
            'stats',
            output.measured.map((one) => bucketValue(one, region)),
          ),
        )
    }
  },
}

/** @throws S3Error NoSuchUser */
async function assertOwner({ services }: Context, ownerId: string): Promise<void> {
  if (services.accounts.find(ownerId)?.isRoot !== true) await describeUser(services, ownerId)
}
