import type { ChecksumAlgorithm } from '../../storage/metadata/rows.ts'
import type { Protection } from '../encryption/protection.ts'
import type { Services } from '../services.ts'
import { type ManifestRange, openManifest } from './open.ts'
import { type Received, receive } from './receive.ts'

export interface Rewriting {
  /** The checksum to compute on the way. */
  readonly algorithm: ChecksumAlgorithm | undefined
  readonly protection: Protection | undefined
  readonly storageClass: string
  readonly signal: AbortSignal
}

/**
 * The bytes of an object once more, encrypted in another way: they are read, opened, sealed anew and written as they
 * pass.
 * @throws what reading them throws, and receiving them
 */
export async function rewrite(services: Services, bytes: ManifestRange, options: Rewriting): Promise<Received> {
  const { algorithm, protection, storageClass, signal } = options
  const { lengthBytes } = bytes.range
  const stream = openManifest(services, bytes, signal)
  const body = { stream, sizeBytes: lengthBytes, trailers: () => new Map<string, string>() }
  const checksum = algorithm === undefined ? undefined : { algorithm, value: undefined, inTrailer: false }
  const integrity = { contentMd5: undefined, checksum }
  try {
    return await receive(services, body, { integrity, signal, maxBytes: lengthBytes, storageClass, protection })
  } finally {
    // It may not have been read to its end, and holds its manifest until it is closed.
    stream.destroy()
  }
}
