import { describe, expect, it } from 'vitest'
import {
  BLOCK_BYTES,
  chunkPath,
  dataSize,
  storedSize,
  temporaryPath,
} from '../../../../src/storage/chunks/disk/layout.ts'

describe('the size of a chunk file', () => {
  it.each([
    [0, 0],
    [1, 5],
    [BLOCK_BYTES - 1, BLOCK_BYTES + 3],
    [BLOCK_BYTES, BLOCK_BYTES + 4],
    [BLOCK_BYTES + 1, BLOCK_BYTES + 9],
    [3 * BLOCK_BYTES, 3 * BLOCK_BYTES + 12],
    [5 * 1024 ** 4, 5 * 1024 ** 4 + (4 * (5 * 1024 ** 4)) / BLOCK_BYTES],
  ])('%i bytes of data are a file of %i, and back', (dataBytes, storedBytes) => {
    expect(storedSize(dataBytes)).toBe(storedBytes)
    expect(dataSize(storedBytes)).toBe(dataBytes)
  })

  it('is undefined where a file ends within a CRC, or with nothing but one', () => {
    for (const extra of [1, 2, 3, 4]) {
      expect(dataSize(extra)).toBeUndefined()
      expect(dataSize(storedSize(BLOCK_BYTES) + extra)).toBeUndefined()
    }
    expect(dataSize(5)).toBe(1)
    expect(dataSize(storedSize(BLOCK_BYTES) + 5)).toBe(BLOCK_BYTES + 1)
  })
})

it('names are spread over directories, and only names of chunks reach the file system', () => {
  const name = '0123456789abcdef0123456789abcdef'
  expect(chunkPath('/data', name)).toBe(`/data/01/23/${name}`)
  expect(temporaryPath('/data', name)).toBe(`/data/tmp/${name}`)
  for (const bad of ['', '../../etc/passwd', name.toUpperCase(), `${name}0`]) {
    expect(() => chunkPath('/data', bad)).toThrow()
    expect(() => temporaryPath('/data', bad)).toThrow()
  }
})
