import { expect, test } from 'vitest'
import { compatibilityPage, writtenPage } from '../bench/compat.ts'

test('COMPATIBILITY.md says what the code does; `npm run compat` writes it', () => {
  expect(writtenPage()).toBe(compatibilityPage())
})

test('every operation is in it, served or not', () => {
  const page = compatibilityPage()
  expect(page).toContain('| PutBucketInventoryConfiguration | `PUT /{Bucket}?inventory&id=…` | ')
  expect(page).toContain('| UploadPartCopy | `PUT /{Bucket}/{Key}?uploadId&partNumber=… with x-amz-copy-source` | ')
  expect(page).toContain('| AdminCreateKey | `PUT /admin/user?key` | yes |')
  expect(page).toContain('| AdminCreateSubuser | `PUT /admin/user?subuser` | 501 |')
  expect(page).toContain('| GetObjectTorrent | `GET /{Bucket}/{Key}?torrent` | 501 |')
})
