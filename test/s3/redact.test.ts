import { describe, expect, it } from 'vitest'
import { redactTarget, redactText } from '../../src/s3/redact.ts'

describe('redactTarget', () => {
  it.each([
    ['/b/k', '/b/k'],
    ['/b/k?versionId=x&uploads', '/b/k?versionId=x&uploads'],
    ['/b/k?mysignature=x&signature-of=y', '/b/k?mysignature=x&signature-of=y'],
    [
      '/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F2030&X-Amz-Expires=60&X-Amz-Signature=abc',
      '/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=REDACTED&X-Amz-Expires=60&X-Amz-Signature=REDACTED',
    ],
    ['/b/k?x-amz-security-token=s%3D&a=1', '/b/k?x-amz-security-token=REDACTED&a=1'],
    [
      '/b/k?AWSAccessKeyId=AK&Signature=a%2Bb%3D&Expires=1',
      '/b/k?AWSAccessKeyId=REDACTED&Signature=REDACTED&Expires=1',
    ],
    ['/admin/user?uid=a&secret-key=abc', '/admin/user?uid=a&secret-key=REDACTED'],
    ['/b/k?X%2DAmz%2DSignature=abc', '/b/k?X%2DAmz%2DSignature=REDACTED'],
    ['/b/k?%53ignature=abc&%zz=1', '/b/k?%53ignature=REDACTED&%zz=1'],
    ['/b/k%3FX-Amz-Signature=abc&x=1', '/b/k%3FX-Amz-Signature=REDACTED&x=1'],
    [
      '/b/k%3FX-Amz-Date%3D1%26X-Amz-Signature%3Dabc%26x%3D1',
      '/b/k%3FX-Amz-Date%3D1%26X-Amz-Signature%3DREDACTED%26x%3D1',
    ],
    ['/b/k%253Fx%253D1%2526Signature%253Dabc%2526y%253D1', '/b/k%253Fx%253D1%2526Signature%253DREDACTED%2526y%253D1'],
  ])('%s', (target, expected) => {
    expect(redactTarget(target)).toBe(expected)
  })
})

it('redacts URLs in the middle of a text', () => {
  expect(redactText('https://h/k?a=1&Signature=abc&b=2')).toBe('https://h/k?a=1&Signature=REDACTED&b=2')
  expect(redactText('see https://h/k?Signature=abc and more')).toBe('see https://h/k?Signature=REDACTED and more')
  expect(redactText('plain')).toBe('plain')
})

it('takes no time for a hostile text', () => {
  const text = '%2525'.repeat(4000) + 'Signature%2525'.repeat(500)
  expect(redactText(text)).toBe(text)
})
