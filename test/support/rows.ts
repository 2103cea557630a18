import type { NewBucket, NewUpload, NewVersion, PartRow } from '../../src/storage/metadata/rows.ts'

// Rows as plain as they come, with what a test cares about changed.

export function newBucket(name: string, change: Partial<NewBucket> = {}): NewBucket {
  return {
    tenant: '',
    name,
    ownerId: 'owner',
    createdMs: 1_700_000_000_000,
    versioning: 'off',
    objectLock: false,
    location: '',
    storageClass: 'STANDARD',
    azPolicy: undefined,
    acl: 'private',
    ...change,
  }
}

export function newVersion(bucketId: number, key: string, change: Partial<NewVersion> = {}): NewVersion {
  return {
    bucketId,
    key,
    versionId: 'null',
    kind: 'object',
    lastModifiedMs: 1_700_000_000_123,
    ownerId: 'owner',
    sizeBytes: 3,
    etag: '900150983cd24fb0d6963f7d28e17f72',
    storageClass: 'STANDARD',
    appends: 0,
    manifestId: undefined,
    checksum: undefined,
    partCount: 0,
    attributes: { contentType: 'text/plain', metadata: {}, tags: [], acl: 'private' },
    ...change,
  }
}

export function newMarker(bucketId: number, key: string, versionId: string): NewVersion {
  return newVersion(bucketId, key, { versionId, kind: 'delete-marker', sizeBytes: 0, etag: '' })
}

export function newUpload(bucketId: number, key: string, change: Partial<NewUpload> = {}): NewUpload {
  return {
    uploadId: `2~${key}`,
    bucketId,
    key,
    initiatedMs: 1000,
    ownerId: 'owner',
    storageClass: 'STANDARD',
    attributes: { contentType: undefined, metadata: {}, tags: [], acl: 'private' },
    checksumAlgorithm: undefined,
    checksumType: undefined,
    ...change,
  }
}

export function newPart(uploadId: string, partNumber: number, change: Partial<PartRow> = {}): PartRow {
  return {
    uploadId,
    partNumber,
    sizeBytes: 3,
    etag: '900150983cd24fb0d6963f7d28e17f72',
    checksum: undefined,
    lastModifiedMs: 2000,
    manifestId: 0,
    ...change,
  }
}
