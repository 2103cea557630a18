import type { IdSource } from '../../lib/ids.ts'
import type { MetadataStore } from '../../storage/metadata/store.ts'

const OWNER_STATE = 'folders/owner'
const OWNER_BYTES = 16

/** By what the folders of storage classes know which database they belong to. Made when it is first asked for. */
export async function folderOwner(metadata: MetadataStore, ids: IdSource): Promise<string> {
  const known = await metadata.read((tx) => tx.jobState.get<string>(OWNER_STATE))
  if (known !== undefined) return known
  const made = ids.hex(OWNER_BYTES)
  await metadata.write((tx) => tx.jobState.set(OWNER_STATE, made))
  return made
}

/**
 * Chunks that lie in a class's folder are found there only as long as the configuration names it.
 * @throws Error for the operator
 */
export async function assertFoldersNamed(metadata: MetadataStore, classes: ReadonlySet<string>): Promise<void> {
  const needed = await metadata.read((tx) => tx.garbage.stores())
  const missing = needed.filter((storageClass) => !classes.has(storageClass))
  if (missing.length === 0) return
  const paths = missing.map((storageClass) => `chunks.classes.${storageClass}.dir`).join(', ')
  throw new Error(`Objects lie in folders that the configuration does not name any more: it needs ${paths}`)
}
