import { createHash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c as crc32cNative } from '@node-rs/crc32'
import { CRC_PARAMETERS, combine } from './crc-combine.ts'
import { crc64nvme } from './crc64nvme.ts'

/** S3's additional checksums, as x-amz-checksum-algorithm names them. */
export type ChecksumName = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'
/** The ones from which a whole's checksum follows when its parts' are known. */
export type CrcName = keyof typeof CRC_PARAMETERS

/** The length of each checksum before it is written in base64. */
export const CHECKSUM_BYTES = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
} as const satisfies Record<ChecksumName, number>

/** A checksum under way. */
export interface Digest {
  update(bytes: Buffer): void
  /** The base64 of the big-endian bytes. To be asked once, at the end. */
  base64(): string
}

export function createDigest(algorithm: ChecksumName): Digest {
  switch (algorithm) {
    case 'SHA1':
    case 'SHA256':
      return hashDigest(algorithm)
    case 'CRC32':
    case 'CRC32C':
      return crc32Digest(algorithm === 'CRC32' ? crc32 : crc32c)
    case 'CRC64NVME':
      return crc64Digest()
  }
}

/** The checksum of bytes that are there as a whole: what a small body needs, without an object for its state. */
export function checksum(algorithm: ChecksumName, bytes: Buffer): string {
  switch (algorithm) {
    case 'SHA1':
    case 'SHA256':
      return hash(algorithm, bytes, 'base64')
    case 'CRC32':
      return base64Of(BigInt(crc32(bytes)), CHECKSUM_BYTES.CRC32)
    case 'CRC32C':
      return base64Of(BigInt(crc32c(bytes)), CHECKSUM_BYTES.CRC32C)
    case 'CRC64NVME':
      return base64Of(crc64nvme(bytes), CHECKSUM_BYTES.CRC64NVME)
  }
}

/** CRC-32C (Castagnoli), natively. `seed` is the CRC of what came before. */
export function crc32c(bytes: Uint8Array, seed?: number): number {
  return crc32cNative(bytes, seed)
}

/** Whether this is a checksum of that algorithm in base64, in the one spelling that base64 has for it. */
export function isChecksum(algorithm: ChecksumName, value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === CHECKSUM_BYTES[algorithm] && bytes.toString('base64') === value
}

/** The checksum of the parts behind each other, from the parts' own: S3's checksum type FULL_OBJECT. */
export function combineCrc(algorithm: CrcName, parts: readonly { value: string; sizeBytes: number }[]): string {
  const pieces = parts.map(({ value, sizeBytes }) => ({ crc: crcOf(value), sizeBytes }))
  return base64Of(combine(CRC_PARAMETERS[algorithm], pieces), CHECKSUM_BYTES[algorithm])
}

/** The checksum of the parts' checksums, with their number: S3's checksum type COMPOSITE. */
export function compositeChecksum(algorithm: ChecksumName, values: readonly string[]): string {
  const bytes = Buffer.concat(values.map((value) => Buffer.from(value, 'base64')))
  return `${checksum(algorithm, bytes)}-${values.length}`
}

function hashDigest(algorithm: 'SHA1' | 'SHA256'): Digest {
  const state = createHash(algorithm)
  return { update: (bytes) => void state.update(bytes), base64: () => state.digest('base64') }
}

function crc32Digest(step: (bytes: Buffer, crc: number) => number): Digest {
  let crc = 0
  return {
    update(bytes) {
      crc = step(bytes, crc)
    },
    base64: () => base64Of(BigInt(crc), CHECKSUM_BYTES.CRC32),
  }
}

function crc64Digest(): Digest {
  let crc = 0n
  return {
    update(bytes) {
      crc = crc64nvme(bytes, crc)
    },
    base64: () => base64Of(crc, CHECKSUM_BYTES.CRC64NVME),
  }
}

function base64Of(crc: bigint, sizeBytes: 4 | 8): string {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  if (sizeBytes === 8) bytes.writeBigUInt64BE(crc)
  else bytes.writeUInt32BE(Number(crc))
  return bytes.toString('base64')
}

function crcOf(base64: string): bigint {
  return BigInt(`0x0${Buffer.from(base64, 'base64').toString('hex')}`)
}
