import { expect, test } from 'vitest'
import { objectHeaders, retainUntilDate } from '../../src/s3/headers/object.ts'
import type { VersionRow } from '../../src/storage/metadata/rows.ts'
import { dialectOf } from '../support/head.ts'

const version: VersionRow = {
  id: 1,
  isLatest: true,
  bucketId: 1,
  key: 'k',
  versionId: 'CFTL9ORbWEZjRbXisGkmtOC8BRqYGKI',
  kind: 'object',
  lastModifiedMs: Date.UTC(2026, 10, 21, 4, 19, 4, 500),
  ownerId: 'o',
  sizeBytes: 36,
  etag: 'e9b1713db620f1e3a14b6812de523f4b',
  storageClass: 'STANDARD',
  appends: 0,
  manifestId: undefined,
  checksum: { algorithm: 'CRC32', value: 'AAAAAA==', type: 'FULL_OBJECT' },
  partCount: 0,
  attributes: {
    contentType: 'text/plain',
    cacheControl: 'max-age=60',
    contentDisposition: 'attachment; filename="a.txt"',
    contentEncoding: 'identity',
    contentLanguage: 'zh',
    expires: 'Wed, 21 Oct 2037 07:28:00 GMT',
    metadata: { color: 'Blue', two: 'b' },
    tags: [],
    acl: 'private',
  },
}
const plain = { checksums: false, overrides: {}, versioned: false }

test('the headers of a recorded GET, in its order', () => {
  // Recorded: object.get.range_0_9, without the headers of the request.
  expect(objectHeaders(version, { ...plain, dialect: dialectOf('rgw') })).toEqual([
    ['Accept-Ranges', 'bytes'],
    ['Last-Modified', 'Sat, 21 Nov 2026 04:19:04 GMT'],
    ['x-rgw-object-type', 'Normal'],
    ['ETag', '"e9b1713db620f1e3a14b6812de523f4b"'],
    ['x-amz-meta-color', 'Blue'],
    ['x-amz-meta-two', 'b'],
    ['Cache-Control', 'max-age=60'],
    ['Content-Disposition', 'attachment; filename="a.txt"'],
    ['Content-Encoding', 'identity'],
    ['Content-Language', 'zh'],
    ['Expires', 'Wed, 21 Oct 2037 07:28:00 GMT'],
    ['Content-Type', 'text/plain'],
  ])
})

test('the headers of a recorded locked version', () => {
  // Recorded: object.head.lock_headers.
  const locked: VersionRow = {
    ...version,
    attributes: {
      contentType: undefined,
      metadata: {},
      tags: [{ key: 'k', value: 'v' }],
      acl: 'private',
      legalHold: true,
      retention: { mode: 'GOVERNANCE', retainUntilMs: Date.UTC(2026, 10, 21, 5, 19, 4) },
      websiteRedirectLocation: '/x',
    },
  }
  expect(objectHeaders(locked, { ...plain, versioned: true, dialect: dialectOf('rgw') })).toEqual([
    ['Accept-Ranges', 'bytes'],
    ['Last-Modified', 'Sat, 21 Nov 2026 04:19:04 GMT'],
    ['x-amz-version-id', 'CFTL9ORbWEZjRbXisGkmtOC8BRqYGKI'],
    ['x-rgw-object-type', 'Normal'],
    ['ETag', '"e9b1713db620f1e3a14b6812de523f4b"'],
    ['x-amz-object-lock-legal-hold', 'ON'],
    ['x-amz-object-lock-mode', 'GOVERNANCE'],
    ['x-amz-object-lock-retain-until-date', '2026-11-21T05:19:04.000000000Z'],
    ['x-amz-tagging-count', 1],
    ['x-amz-website-redirect-location', '/x'],
    ['Content-Type', 'binary/octet-stream'],
  ])
  expect(retainUntilDate(0, dialectOf('aws'))).toBe('1970-01-01T00:00:00.000Z')
})

test('what differs by dialect, class and making', () => {
  const names = (row: VersionRow, name: 'zos' | 'rgw' | 'aws') =>
    Object.fromEntries(objectHeaders(row, { ...plain, dialect: dialectOf(name) }))
  expect(names(version, 'zos')['x-amz-storage-class']).toBe('STANDARD')
  expect(names(version, 'rgw')['x-amz-storage-class']).toBeUndefined()
  expect(names({ ...version, storageClass: 'GLACIER' }, 'aws')['x-amz-storage-class']).toBe('GLACIER')
  expect(names(version, 'aws')).not.toHaveProperty('x-rgw-object-type')
  expect(names({ ...version, appends: 2 }, 'zos')).toMatchObject({
    'x-rgw-object-type': 'Appendable',
    'x-rgw-next-append-position': 36,
  })
})

test('checksums when asked for, and overrides', () => {
  const view = {
    ...plain,
    checksums: true,
    dialect: dialectOf('aws'),
    overrides: { 'content-type': 'a/b', expires: 'x' },
  }
  expect(Object.fromEntries(objectHeaders(version, view))).toMatchObject({
    'x-amz-checksum-crc32': 'AAAAAA==',
    'x-amz-checksum-type': 'FULL_OBJECT',
    'Content-Type': 'a/b',
    Expires: 'x',
    'Cache-Control': 'max-age=60',
  })
})
