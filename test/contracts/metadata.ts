import { describe } from 'vitest'
import { bucketContract } from './metadata/buckets.ts'
import type { MakePlace } from './metadata/fixture.ts'
import { garbageContract } from './metadata/garbage.ts'
import { manifestContract } from './metadata/manifests.ts'
import { transactionContract } from './metadata/transactions.ts'
import { uploadContract } from './metadata/uploads.ts'
import { versionListContract } from './metadata/version-lists.ts'
import { versionContract } from './metadata/versions.ts'

/** What every metadata engine does. `makePlace` gives a new, empty place to keep data in. */
export function metadataContract(makePlace: MakePlace): void {
  describe('transactions', () => transactionContract(makePlace))
  describe('buckets', () => bucketContract(makePlace))
  describe('versions', () => versionContract(makePlace))
  describe('lists of versions', () => versionListContract(makePlace))
  describe('manifests', () => manifestContract(makePlace))
  describe('uploads', () => uploadContract(makePlace))
  describe('garbage', () => garbageContract(makePlace))
}
