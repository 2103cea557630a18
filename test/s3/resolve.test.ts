import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { ANY, BINDINGS, type Binding } from '../../src/s3/bindings.ts'
import { resolve } from '../../src/s3/resolve.ts'
import { codeOf } from '../support/errors.ts'
import { headOf } from '../support/head.ts'

const resolved = (method: string, target: string, headers?: Record<string, string>) =>
  codeOf(() => resolve(headOf(method, target, headers)))
const resolvedByZos = (method: string, target: string, headers?: Record<string, string>) =>
  codeOf(() => resolve(headOf(method, target, headers), { processesPictures: true }))

const PATHS = { service: '/', bucket: '/b', object: '/b/k' } as const

describe('the table', () => {
  test.each(Object.entries<Binding>(BINDINGS))('%s is reached by what its row asks for', (name, row) => {
    const parameters = [
      ...(row.subresource === undefined ? [] : [row.subresource]),
      ...Object.entries(row.query ?? {}).map(([key, value]) => `${key}=${value === ANY ? 'x' : value}`),
    ]
    const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`
    const headers = Object.fromEntries((row.headers ?? []).map((header) => [header, 'b/k']))
    expect(resolvedByZos(row.method, PATHS[row.level] + query, headers)).toBe(name)
  })

  test('it knows every operation of the AWS SDK', () => {
    const sdk = readFileSync(createRequire(import.meta.url).resolve('@aws-sdk/client-s3'), 'utf8')
    const names = [...sdk.matchAll(/class (\w+)Command extends/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(100)
    // An operation of Object Lambda, which lives on a host of its own.
    expect(names.filter((name) => !Object.hasOwn(BINDINGS, name))).toEqual(['WriteGetObjectResponse'])
  })
})

describe('the subresource decides', () => {
  test.each([
    ['DELETE', '/b?analytics', 'InvalidArgument'],
    ['DELETE', '/b?analytics&id=x', 'DeleteBucketAnalyticsConfiguration'],
    ['DELETE', '/b?encryption', 'DeleteBucketEncryption'],
    ['DELETE', '/b?location', 'MethodNotAllowed'],
    ['DELETE', '/b/k?acl', 'MethodNotAllowed'],
    ['DELETE', '/b', 'DeleteBucket'],
    ['PUT', '/b?versions', 'MethodNotAllowed'],
    ['PUT', '/b?versioning', 'PutBucketVersioning'],
    ['PUT', '/b/k?restore', 'MethodNotAllowed'],
    ['PUT', '/b/k?uploadId=u', 'InvalidArgument'],
    ['POST', '/b/k?select&select-type=1', 'InvalidArgument'],
    ['POST', '/b/k?select&select-type=2', 'SelectObjectContent'],
    ['PUT', '/b/k?uploadId=&partNumber=', 'UploadPart'],
    ['GET', '/b/k?policy', 'MethodNotAllowed'],
    ['GET', '/b/k?tagging', 'GetObjectTagging'],
    ['GET', '/b?ACL', 'ListObjects'],
  ])('%s %s is %s', (method, target, expected) => {
    expect(resolved(method, target)).toBe(expected)
  })
})

describe('the row that demands most wins', () => {
  test.each([
    ['PUT', '/b/k?uploadId=u&partNumber=1', {}, 'UploadPart'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', { 'x-amz-copy-source': '/b/o' }, 'UploadPartCopy'],
    ['PUT', '/b/k', { 'x-amz-copy-source': '/b/o' }, 'CopyObject'],
    ['PUT', '/b/k?append&position=0', {}, 'AppendObject'],
    ['PUT', '/b/k?append&uploadId=u&partNumber=1', {}, 'UploadPart'],
    ['GET', '/b?list-type=2', {}, 'ListObjectsV2'],
    ['GET', '/b?list-type=1', {}, 'ListObjects'],
    ['GET', '/b?versions&list-type=2', {}, 'ListObjectVersions'],
    ['GET', '/b?versions&uploads', {}, 'ListObjectVersions'],
    ['GET', '/b?uploads&versions', {}, 'ListMultipartUploads'],
    ['GET', '/b?inventory', {}, 'ListBucketInventoryConfigurations'],
    ['GET', '/b?inventory&id=x', {}, 'GetBucketInventoryConfiguration'],
  ])('%s %s %j is %s', (method, target, headers, expected) => {
    expect(resolved(method, target, headers)).toBe(expected)
  })
})

describe('parameters that are no subresource', () => {
  test.each([
    ['GET', '/b/k?versionId=v&partNumber=2&response-content-type=a', 'GetObject'],
    ['PUT', '/b/k?x-id=PutObject', 'PutObject'],
    ['PUT', '/b?frobnicate', 'CreateBucket'],
    ['GET', '/?x-id=ListBuckets&prefix=a', 'ListBuckets'],
    ['GET', '/b?prefix=acl&delimiter=/', 'ListObjects'],
    ['HEAD', '/', 'ListBuckets'],
    ['HEAD', '/b', 'HeadBucket'],
    ['DELETE', '/b/k?versionId=v', 'DeleteObject'],
    ['DELETE', '/b/k?x-id=DeleteObject', 'DeleteObject'],
  ])('%s %s is %s', (method, target, expected) => {
    expect(resolved(method, target)).toBe(expected)
  })

  test('nothing is deleted on a guess', () => {
    expect(resolved('DELETE', '/b?frobnicate')).toBe('NotImplemented')
    expect(resolved('DELETE', '/b/k?frobnicate')).toBe('NotImplemented')
    expect(resolved('DELETE', '/b/k?frobnicate=1')).toBe('DeleteObject')
  })
})

test('methods that no row has', () => {
  expect(resolved('OPTIONS', '/b/k')).toBe('MethodNotAllowed')
  expect(resolved('PATCH', '/b/k')).toBe('MethodNotAllowed')
  expect(resolved('get', '/b/k')).toBe('MethodNotAllowed')
  expect(resolved('POST', '/')).toBe('MethodNotAllowed')
  expect(resolved('POST', '/b/k')).toBe('MethodNotAllowed')
  expect(resolved('POST', '/b')).toBe('PostObject')
})

test('a plain POST on a key processes a picture where the dialect does that', () => {
  expect(resolvedByZos('POST', '/b/k')).toBe('ProcessObject')
  expect(resolvedByZos('POST', '/b/k?x-zos-process=image/info&versionId=v')).toBe('ProcessObject')
  expect(resolved('POST', '/b/k?x-zos-process=image/info')).toBe('MethodNotAllowed')
  for (const [target, name] of [
    ['/b/k?uploads', 'CreateMultipartUpload'],
    ['/b/k?uploadId=u', 'CompleteMultipartUpload'],
    ['/b/k?restore', 'RestoreObject'],
    ['/b/k?select&select-type=2', 'SelectObjectContent'],
    ['/b/k?acl', 'MethodNotAllowed'],
    ['/b', 'PostObject'],
  ] as const) {
    expect(resolvedByZos('POST', target)).toBe(name)
  }
})

test('a presigned copy is a copy', () => {
  expect(resolved('PUT', '/b/k?x-amz-copy-source=b%2Fo&X-Amz-Signature=0')).toBe('CopyObject')
  expect(resolved('PUT', '/b/k?x-amz-copy-source=b%2Fo')).toBe('PutObject')
})
