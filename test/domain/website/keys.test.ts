import { expect, it } from 'vitest'
import { effectiveKey, folderIndex } from '../../../src/domain/website/keys.ts'

it.each([
  ['', 'index.html', undefined],
  ['a', 'a', 'a/index.html'],
  ['a/', 'a/index.html', undefined],
  ['a/b.html', 'a/b.html', 'a/b.html/index.html'],
  ['/', '/index.html', undefined],
  ['//a', '//a', '//a/index.html'],
])('the key %j means %j, and as a folder %j', (asked, key, folder) => {
  expect(effectiveKey(asked, 'index.html')).toBe(key)
  expect(folderIndex(asked, 'index.html')).toBe(folder)
})
