import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'

/** Refuses a version that the caller was not granted. */
export type GrantCheck = (version: VersionRow) => void

/** A key, and which of its versions: the latest where no id is given. */
export interface VersionRef {
  readonly bucketId: number
  readonly key: string
  readonly versionId: string | undefined
  /** Asked about an object that is found; undefined where nobody in particular asks, or who needs no grant. */
  readonly assertGranted?: GrantCheck | undefined
}

/**
 * The row that a request means, which may be a delete marker; undefined if there is none.
 * @throws what `assertGranted` throws
 */
export async function locate(tx: ReadTransaction, ref: VersionRef): Promise<VersionRow | undefined> {
  const row = await find(tx, ref)
  if (row !== undefined) ref.assertGranted?.(row)
  return row
}

function find(tx: ReadTransaction, { bucketId, key, versionId }: VersionRef): Promise<VersionRow | undefined> {
  return versionId === undefined
    ? tx.versions.latest({ bucketId, key })
    : tx.versions.find({ bucketId, key, versionId })
}
