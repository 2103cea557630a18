import { S3Error } from '../../errors.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { Teller } from '../notifications/teller.ts'
import type { Conditions } from '../objects/conditions.ts'
import { assertKey } from '../objects/key.ts'
import { type Deleted, type Deletion, deleteVersion } from './delete.ts'

/** Keys that one transaction deletes: a request for 1000 lets other writers in between, yet waits for few commits. */
export const DELETE_BATCH_KEYS = 100

export interface DeleteTarget {
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
}

/** What the targets of one request have in common. */
type Common = Omit<Deletion, keyof DeleteTarget | 'tell'>

export type DeleteOutcome = { readonly deleted: Deleted } | { readonly error: S3Error }

/**
 * Deletes each of the targets, in their order, in transactions of bounded size. What one of them may not do or cannot
 * do is its own outcome and leaves the others alone. In the place of a target that is refused already stands its error.
 */
export async function deleteMany(
  targets: readonly (DeleteTarget | S3Error)[],
  { teller, ...common }: Common & { readonly teller: Teller },
): Promise<DeleteOutcome[]> {
  const outcomes: DeleteOutcome[] = []
  for (let start = 0; start < targets.length; start += DELETE_BATCH_KEYS) {
    const batch = targets.slice(start, start + DELETE_BATCH_KEYS)
    outcomes.push(...(await teller.write((tx, tell) => deleteBatch(tx, batch, { ...common, tell }))))
  }
  return outcomes
}

/** A deletion checks before it changes anything, so the transaction goes on after one that throws. */
async function deleteBatch(
  tx: WriteTransaction,
  batch: readonly (DeleteTarget | S3Error)[],
  common: Common & Pick<Deletion, 'tell'>,
): Promise<DeleteOutcome[]> {
  const outcomes: DeleteOutcome[] = []
  for (const target of batch) {
    if (target instanceof S3Error) {
      outcomes.push({ error: target })
      continue
    }
    try {
      assertKey(target.key)
      outcomes.push({ deleted: await deleteVersion(tx, { ...common, ...target }) })
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      outcomes.push({ error })
    }
  }
  return outcomes
}
