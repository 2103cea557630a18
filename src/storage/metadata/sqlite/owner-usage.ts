import type { Database } from 'better-sqlite3'
import type { BucketUsage } from '../rows.ts'
import { type Prepared, prepared } from './statement.ts'

export interface OwnerUsageSql {
  read: Prepared<[ownerId: string], BucketUsage>
  add: Prepared<[ownerId: string, objects: number, bytes: number]>
  /** The owner is looked up: the changes of a bucket that is gone went with it. */
  addOfBucket: Prepared<[objects: number, bytes: number, bucketId: number]>
  /** The counters of a bucket as its row has them, and whose they are. */
  ofBucket: Prepared<[bucketId: number], BucketUsage & { owner_id: string }>
  owns: Prepared<[bucketId: number, ownerId: string], { 1: number }>
}

export function ownerUsageSql(db: Database): OwnerUsageSql {
  const insert = 'INSERT INTO owner_usage (owner_id, object_count, byte_count)'
  const adding = `ON CONFLICT (owner_id) DO UPDATE SET
    object_count = object_count + excluded.object_count, byte_count = byte_count + excluded.byte_count`
  return {
    read: prepared(db, 'SELECT object_count AS objects, byte_count AS bytes FROM owner_usage WHERE owner_id = ?'),
    add: prepared(db, `${insert} VALUES (?, ?, ?) ${adding}`),
    addOfBucket: prepared(db, `${insert} SELECT owner_id, ?, ? FROM buckets WHERE id = ? ${adding}`),
    ofBucket: prepared(db, 'SELECT owner_id, object_count AS objects, byte_count AS bytes FROM buckets WHERE id = ?'),
    owns: prepared(db, 'SELECT 1 FROM buckets WHERE id = ? AND owner_id = ?'),
  }
}
