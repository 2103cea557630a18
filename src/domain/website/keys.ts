/**
 * The key that a website answers with: the index document for the root and for what ends in a slash, else the key that
 * was asked for.
 * @param asked the path without its first slash; empty for the root
 */
export function effectiveKey(asked: string, indexSuffix: string): string {
  return asked === '' || asked.endsWith('/') ? asked + indexSuffix : asked
}

/** The index document of a folder whose slash the client left out; undefined where it was given. */
export function folderIndex(asked: string, indexSuffix: string): string | undefined {
  return asked === '' || asked.endsWith('/') ? undefined : `${asked}/${indexSuffix}`
}
