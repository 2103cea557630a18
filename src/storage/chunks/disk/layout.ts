import assert from 'node:assert/strict'
import { join } from 'node:path'

/**
 * A chunk file is its data in blocks, each followed by the block's CRC32C in four bytes, little-endian; the last block
 * may be short. There is no header: the data's size follows from the file's.
 */

/** Small enough that a range read of a few bytes costs little, large enough that the CRCs take 0.006 % of the disk. */
export const BLOCK_BYTES = 64 * 1024
export const CRC_BYTES = 4
export const STORED_BLOCK_BYTES = BLOCK_BYTES + CRC_BYTES

/** The size of the file for this much data. */
export function storedSize(dataBytes: number): number {
  assert(Number.isSafeInteger(dataBytes) && dataBytes >= 0)
  return dataBytes + Math.ceil(dataBytes / BLOCK_BYTES) * CRC_BYTES
}

/** The size of the data in a file of this size; undefined if no complete file has it. */
export function dataSize(storedBytes: number): number | undefined {
  assert(Number.isSafeInteger(storedBytes) && storedBytes >= 0)
  const lastBytes = storedBytes % STORED_BLOCK_BYTES
  if (lastBytes > 0 && lastBytes <= CRC_BYTES) return undefined
  const fullBlocks = Math.floor(storedBytes / STORED_BLOCK_BYTES)
  return fullBlocks * BLOCK_BYTES + (lastBytes === 0 ? 0 : lastBytes - CRC_BYTES)
}

/** Names come from our own ids; anything else must not reach the file system. */
export const CHUNK_NAME = /^[0-9a-f]{32}$/
/** Two levels of 256 directories: a hundred million chunks are some 1,500 in each. */
export const SHARD_NAME = /^[0-9a-f]{2}$/

/** Where half-written files are, so that a name outside it is always a complete chunk. */
export function temporaryDir(dir: string): string {
  return join(dir, 'tmp')
}

export function temporaryPath(dir: string, name: string): string {
  assert.match(name, CHUNK_NAME)
  return join(dir, 'tmp', name)
}

export function shardDir(dir: string, name: string): string {
  assert.match(name, CHUNK_NAME)
  return join(dir, name.slice(0, 2), name.slice(2, 4))
}

export function chunkPath(dir: string, name: string): string {
  return join(shardDir(dir, name), name)
}
