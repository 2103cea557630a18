import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What the engines keep there. Other things, such as `lost+found`, are nobody's business. */
const CONTENTS = ['metadata.db', 'chunks', 'keyring.json']

/**
 * Makes the data directory if it is missing and checks that this process may write to it and to what it holds already.
 * @throws Error whose message says what to do
 */
export function prepareDataDir(dataDir: string): string {
  const path = resolve(dataDir)
  try {
    mkdirSync(path, { recursive: true })
    // Trying it is the only answer that holds on network file systems and for every kind of access control.
    rmdirSync(mkdtempSync(join(path, '.probe-')))
  } catch (cause) {
    throw new Error(explain(path, cause), { cause })
  }
  for (const name of CONTENTS.filter((content) => existsSync(join(path, content)))) {
    try {
      accessSync(join(path, name), constants.W_OK)
    } catch (cause) {
      // Made by another user before, as when an image is run as root once.
      throw new Error(explain(path, cause, name), { cause })
    }
  }
  return path
}

function explain(path: string, cause: unknown, name?: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const ids = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  if (code === 'EACCES' || code === 'EPERM') {
    return [
      `The data directory ${path} ${name === undefined ? 'is' : `holds ${name}, which is`} not writable by this process ` +
        `(uid:gid ${ids}). Do one of these:`,
      `  give it the directory:          sudo chown -R ${ids} <directory on the host that is mounted at ${path}>`,
      '  or run it as the owner of it:   docker run --user "$(stat -c %u:%g <directory on the host>)" ...',
      '  or choose another directory:    --data-dir DIR, or COZOS_DATA_DIR=DIR',
    ].join('\n')
  }
  if (code === 'EROFS') return `The data directory ${path} is on a read-only file system. Mount it writable.`
  if (code === 'EEXIST' || code === 'ENOTDIR') return `The data directory ${path} is not a directory.`
  return `The data directory ${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`
}
