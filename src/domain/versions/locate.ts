import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'

/** A key, and which of its versions: the latest where no id is given. */
export interface VersionRef {
  readonly bucketId: number
  readonly key: string
  readonly versionId: string | undefined
}

/** The row that a request means, which may be a delete marker; undefined if there is none. */
export async function locate(tx: ReadTransaction, ref: VersionRef): Promise<VersionRow | undefined> {
  const { bucketId, key, versionId } = ref
  if (versionId === undefined) return await tx.versions.latest({ bucketId, key })
  return await tx.versions.find({ bucketId, key, versionId })
}
