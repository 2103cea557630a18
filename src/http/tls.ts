import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs'
import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Logger } from '../lib/logger.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/**
 * Polling, because the files may be symbolic links that are replaced (Kubernetes secrets, certbot) or lie on a network
 * file system, where change events get lost.
 */
const POLL_MS = 1000

/** @throws Error naming the file that cannot be read, or the pair that cannot be used */
export function readTlsFiles({ cert, key }: TlsFiles): { cert: Buffer; key: Buffer } {
  const pair = { cert: readTlsFile('cert', cert), key: readTlsFile('key', key) }
  try {
    createSecureContext(pair)
  } catch (cause) {
    // OpenSSL names neither file nor setting.
    throw new Error(`server.tls: ${cert} and ${key} are no PEM certificate with its key: ${reason(cause)}`, { cause })
  }
  return pair
}

function readTlsFile(setting: keyof TlsFiles, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new Error(`server.tls.${setting}: ${reason(cause)}`, { cause })
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/**
 * Uses the files anew whenever one of them changes, without closing a connection. Returns the function that ends this.
 */
export function reloadTls(server: Server, files: TlsFiles, log: Logger): () => void {
  const onChange: StatsListener = (now, before) => {
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino) return
    try {
      ;(server as SecureServer).setSecureContext(readTlsFiles(files))
      log.info({ cert: files.cert }, 'the certificate has been reloaded')
    } catch (err) {
      // Certificate and key rarely change in the same instant; the second change brings the pair together.
      log.warn({ err, cert: files.cert }, 'the changed certificate cannot be used; the old one stays')
    }
  }
  const paths = [files.cert, files.key]
  for (const path of paths) watchFile(path, { interval: POLL_MS, persistent: false }, onChange)
  return () => {
    for (const path of paths) unwatchFile(path, onChange)
  }
}
