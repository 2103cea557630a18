import { describe } from 'vitest'
import { accountContract } from './metadata/accounts.ts'
import { bucketSettingContract } from './metadata/bucket-settings.ts'
import { bucketContract } from './metadata/buckets.ts'
import { chunkRowContract } from './metadata/chunks.ts'
import type { MakePlace } from './metadata/fixture.ts'
import { garbageContract } from './metadata/garbage.ts'
import { jobStateContract } from './metadata/job-state.ts'
import { logRecordContract } from './metadata/log-records.ts'
import { manifestContract } from './metadata/manifests.ts'
import { outboxContract } from './metadata/outbox.ts'
import { ownerUsageContract } from './metadata/owner-usage.ts'
import { renderingContract } from './metadata/renderings.ts'
import { restoredContract } from './metadata/restored.ts'
import { storageContract } from './metadata/storage.ts'
import { topicContract } from './metadata/topics.ts'
import { transactionContract } from './metadata/transactions.ts'
import { uploadContract } from './metadata/uploads.ts'
import { usageContract } from './metadata/usage.ts'
import { versionListContract } from './metadata/version-lists.ts'
import { versionContract } from './metadata/versions.ts'

/** What every metadata engine does. `makePlace` gives a new, empty place to keep data in. */
export function metadataContract(makePlace: MakePlace): void {
  describe('transactions', () => transactionContract(makePlace))
  describe('buckets', () => bucketContract(makePlace))
  describe('settings of buckets', () => bucketSettingContract(makePlace))
  describe('usage of owners', () => ownerUsageContract(makePlace))
  describe('versions', () => versionContract(makePlace))
  describe('lists of versions', () => versionListContract(makePlace))
  describe('manifests', () => manifestContract(makePlace))
  describe('the storage of versions', () => storageContract(makePlace))
  describe('chunks', () => chunkRowContract(makePlace))
  describe('uploads', () => uploadContract(makePlace))
  describe('garbage', () => garbageContract(makePlace))
  describe('restored versions', () => restoredContract(makePlace))
  describe('state of jobs', () => jobStateContract(makePlace))
  describe('users and their keys', () => accountContract(makePlace))
  describe('usage by the hour', () => usageContract(makePlace))
  describe('records of access logs', () => logRecordContract(makePlace))
  describe('topics', () => topicContract(makePlace))
  describe('the outbox', () => outboxContract(makePlace))
  describe('renderings', () => renderingContract(makePlace))
}
