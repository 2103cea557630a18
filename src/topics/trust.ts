import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Trust } from './endpoint.ts'
import { PushFailed } from './topic.ts'

/** Whole bundles of a system's authorities are a quarter of this. The file is named by whoever may create topics. */
const CA_BYTES_MAX = 1024 * 1024

export interface TlsTrust {
  readonly rejectUnauthorized: boolean
  readonly ca: Buffer | undefined
}

/**
 * Node's TLS options for what an endpoint says about trust. The file is read each time a connection is made anew.
 * @throws PushFailed `misconfigured`; its message says nothing of the file but its name
 */
export async function readTrust({ verify, caLocation }: Trust): Promise<TlsTrust> {
  if (!verify || caLocation === undefined) return { rejectUnauthorized: verify, ca: undefined }
  const complaint = `ca-location: ${caLocation} is not a readable PEM file`
  // Not blocking: to open a pipe would wait for its writer.
  const file = await open(caLocation, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new PushFailed('misconfigured', complaint, { cause })
  })
  try {
    const stats = await file.stat()
    const { size } = stats
    // Devices never end.
    if (!stats.isFile() || size > CA_BYTES_MAX) throw new PushFailed('misconfigured', complaint)
    const bytes = Buffer.alloc(size)
    await file.read(bytes, 0, size, 0)
    if (!bytes.includes('-----BEGIN ')) throw new PushFailed('misconfigured', complaint)
    return { rejectUnauthorized: true, ca: bytes }
  } finally {
    await file.close()
  }
}
