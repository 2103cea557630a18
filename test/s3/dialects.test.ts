import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { s3Error } from '../../src/errors.ts'
import { IdSource } from '../../src/lib/ids.ts'
import { createDialect } from '../../src/s3/dialects/create.ts'
import { parseDocument } from '../../src/s3/xml/parse.ts'

/** The time of the recorded exchanges: 0x6b011bb8 seconds. */
const clock = { now: () => 0x6b011bb8 * 1000 + 999 }
/** Every random byte is 0x1a, so that the instance is `1a1a`. */
const ids = new IdSource({ bytes: (count) => Buffer.alloc(count, 0x1a) })
const dialect = (name: DialectName) => createDialect(name, { ids, clock, region: 'default' })

const request = { requestId: 'REQ', bucket: 'b', key: 'k&', resource: '/b/k&' }
const NAMES: readonly DialectName[] = ['zos', 'rgw', 'aws', 'ibm-cos']

describe('request ids', () => {
  test('rgw: a random number', () => {
    expect(dialect('rgw').requestId()).toBe('tx000001a1a1a1a1a1a1a1a-006b011bb8-1a1a-default')
  })

  test('zos: a counter', () => {
    const zos = dialect('zos')
    expect(zos.requestId()).toBe('tx000000000000000000001-006b011bb8-1a1a-default')
    expect(zos.requestId()).toBe('tx000000000000000000002-006b011bb8-1a1a-default')
  })

  test('aws: sixteen letters and digits', () => {
    const aws = createDialect('aws', { ids: new IdSource(), clock, region: 'default' })
    const drawn = Array.from({ length: 1000 }, () => aws.requestId())
    expect(drawn.every((id) => /^[0-9A-Z]{16}$/.test(id))).toBe(true)
    expect(new Set(drawn).size).toBe(1000)
  })

  test('ibm-cos: a UUID', () => {
    const ibm = createDialect('ibm-cos', { ids: new IdSource(), clock, region: 'default' })
    for (let round = 0; round < 100; round++) {
      expect(ibm.requestId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  test('the headers that tell them', () => {
    const aws = dialect('aws')
    expect(aws.hostId()).toMatch(/^[A-Za-z0-9+/]{76}$/)
    expect(Object.fromEntries(aws.idHeaders('REQ'))).toEqual({ 'x-amz-request-id': 'REQ', 'x-amz-id-2': aws.hostId() })
    for (const name of ['zos', 'rgw'] as const) {
      expect(dialect(name).hostId()).toBeUndefined()
      expect(dialect(name).idHeaders('REQ')).toEqual([['x-amz-request-id', 'REQ']])
    }
    expect(Object.fromEntries(dialect('ibm-cos').idHeaders('REQ'))).toMatchObject({ 'X-Clv-Request-Id': 'REQ' })
  })
})

describe('error documents', () => {
  test('rgw, as recorded: an empty message of its own', () => {
    // Recorded: object.get.missing.
    expect(dialect('rgw').errorDocument(s3Error('NoSuchKey', { Key: 'k' }), request)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message></Message>' +
        '<BucketName>b</BucketName><RequestId>REQ</RequestId><HostId>1a1a-default-default</HostId></Error>',
    )
    // Recorded: copy.directive_junk.
    const explained = s3Error('InvalidArgument', {}, { message: "Unknown metadata directive's." })
    expect(dialect('rgw').errorDocument(explained, { ...request, bucket: undefined })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidArgument</Code>' +
        '<Message>Unknown metadata directive&apos;s.</Message>' +
        '<RequestId>REQ</RequestId><HostId>1a1a-default-default</HostId></Error>',
    )
  })

  test('rgw: a bucket without a name is left out', () => {
    // Recorded: object.get.bucket_double_slash.
    const document = (bucket: string) => dialect('rgw').errorDocument(s3Error('NoSuchBucket'), { ...request, bucket })
    expect(document('')).toContain('<Message></Message><RequestId>')
    expect(document('b')).toContain('<Message></Message><BucketName>b</BucketName><RequestId>')
  })

  test('zos: always a message', () => {
    expect(dialect('zos').errorDocument(s3Error('NoSuchKey', { Key: 'k' }), request)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code>' +
        '<Message>The specified key does not exist.</Message>' +
        '<BucketName>b</BucketName><RequestId>REQ</RequestId><HostId>1a1a-default-default</HostId></Error>',
    )
  })

  test('aws: details and the resource', () => {
    const aws = dialect('aws')
    expect(aws.errorDocument(s3Error('NoSuchKey', { Key: 'k&' }), request)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>' +
        '<Message>The specified key does not exist.</Message><Key>k&amp;</Key><Resource>/b/k&amp;</Resource>' +
        `<RequestId>REQ</RequestId><HostId>${aws.hostId()}</HostId></Error>`,
    )
  })

  test('ibm-cos: the resource and the status', () => {
    const denied = s3Error('AccessDenied', { Key: 'k' })
    expect(dialect('ibm-cos').errorDocument(denied, request)).toBe(
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Error><Code>AccessDenied</Code>' +
        '<Message>Access Denied</Message><Resource>/b/k&amp;</Resource><RequestId>REQ</RequestId>' +
        '<httpStatusCode>403</httpStatusCode></Error>',
    )
    const onBucket = { ...request, key: undefined, resource: '/b' }
    expect(dialect('ibm-cos').errorDocument(denied, onBucket)).toContain('<Resource>/b/</Resource>')
  })

  test.each(NAMES)('%s explains a signature, and prints XML whatever is in it', (name) => {
    const details = { StringToSign: 'AWS4\n\u0001<a>&"', CanonicalRequest: 'GET\n/' }
    const error = s3Error('SignatureDoesNotMatch', details, { message: '<&>' })
    const document = parseDocument(Buffer.from(dialect(name).errorDocument(error, request)), 'Error')
    expect(document.child('Code')?.text).toBe('SignatureDoesNotMatch')
    expect(document.child('Message')?.text).toBe('<&>')
    expect(document.child('StringToSign')?.text).toBe(details.StringToSign)
    expect(document.child('CanonicalRequest')?.text).toBe(details.CanonicalRequest)
    expect(document.child('RequestId')?.text).toBe('REQ')
  })
})

test('codes as each dialect words them', () => {
  const code = (name: DialectName, error: Parameters<typeof s3Error>[0]) => dialect(name).wireError(s3Error(error))
  for (const name of ['zos', 'rgw'] as const) {
    // Recorded: object.get.version_unknown, object.put.key_len_1025, copy.bad_storage_class.
    expect(code(name, 'NoSuchVersion')).toMatchObject({ code: 'NoSuchKey', status: 404 })
    expect(code(name, 'KeyTooLongError')).toMatchObject({ code: 'InvalidObjectName', status: 400 })
    expect(code(name, 'InvalidStorageClass')).toMatchObject({ code: 'InvalidArgument', status: 400 })
    expect(code(name, 'AuthorizationQueryParametersError')).toMatchObject({ code: 'AccessDenied', status: 403 })
    expect(code(name, 'NoSuchKey')).toMatchObject({ code: 'NoSuchKey', status: 404 })
  }
  expect(code('aws', 'NoSuchVersion')).toMatchObject({ code: 'NoSuchVersion', status: 404 })
  expect(code('ibm-cos', 'KeyTooLongError')).toMatchObject({ code: 'KeyTooLong', status: 400 })
  // Recorded: policy.put.bad_effect.
  expect(code('rgw', 'MalformedPolicy')).toMatchObject({ code: 'InvalidArgument', status: 400 })
  for (const name of ['zos', 'aws', 'ibm-cos'] as const) {
    expect(code(name, 'MalformedPolicy')).toMatchObject({ code: 'MalformedPolicy', status: 400 })
    const text = dialect(name).errorDocument(s3Error('MalformedPolicy'), request)
    expect(text).toContain('<Code>MalformedPolicy</Code>')
  }
  expect(dialect('rgw').errorDocument(s3Error('NoSuchVersion'), request)).toContain('<Code>NoSuchKey</Code>')
})
