import { listBucketRefs } from '../../../domain/buckets/find.ts'
import { bucketKey } from '../../../s3/admin/bucket.ts'
import {
  type MetadataKeys,
  type MetadataQuery,
  metadataKeysAnswer,
  readMetadataQuery,
} from '../../../s3/admin/metadata.ts'
import { optionalText, unserved } from '../../../s3/admin/parameters.ts'
import type { Operation } from '../../operation.ts'

/** `GET /admin/metadata/bucket`: the names of all buckets, as rgwadmin's get_buckets lists them. */
export const AdminGetBucketMetadata: Operation<MetadataQuery, MetadataKeys> = {
  name: 'AdminGetBucketMetadata',
  needs: () => [{ capability: 'metadata', access: 'read' }],
  payload: 'none',
  read({ head }) {
    // What Ceph stores of a bucket is the form of its own index.
    if (optionalText(head, 'key') !== undefined) throw unserved('key')
    return readMetadataQuery(head)
  },
  async run({ services }, { marker, limit, isPaged }) {
    const all = (await listBucketRefs(services, undefined)).map(bucketKey).toSorted()
    const rest = marker === undefined ? all : all.filter((key) => key > marker)
    const keys = isPaged ? rest.slice(0, limit) : rest
    return { keys, isPaged, isTruncated: keys.length < rest.length }
  },
  write: (keys, { head }) => metadataKeysAnswer(head, keys),
}
