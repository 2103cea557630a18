import { join } from 'node:path'

/**
 * Where the chunks are, in the data directory or in the folder of a storage class: a folder of their own, because what
 * stands beside them there, under names such as `tmp`, may be somebody else's.
 */
export function chunksFolder(dir: string): string {
  return join(dir, 'chunks')
}
