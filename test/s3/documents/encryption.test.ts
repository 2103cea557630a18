import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { encryptionDocument, readEncryptionConfiguration } from '../../../src/s3/documents/encryption.ts'
import { dialectOf } from '../../support/head.ts'
import { codeOf } from '../../support/wire-head.ts'

const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'

const read = (text: string, dialect: DialectName) => readEncryptionConfiguration(Buffer.from(text), dialectOf(dialect))
const root = (inside: string) =>
  `<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</ServerSideEncryptionConfiguration>`
const rule = (byDefault: string, more = '') =>
  root(`<Rule><ApplyServerSideEncryptionByDefault>${byDefault}</ApplyServerSideEncryptionByDefault>${more}</Rule>`)
const by = (algorithm: string, key?: string) =>
  `<SSEAlgorithm>${algorithm}</SSEAlgorithm>${key === undefined ? '' : `<KMSMasterKeyID>${key}</KMSMasterKeyID>`}`

describe('readEncryptionConfiguration', () => {
  test.each<[DialectName, string, object]>([
    ['zos', rule(by('AES256')), { algorithm: 'AES256' }],
    ['zos', rule(by('AES256', 'k'.repeat(32))), { algorithm: 'AES256', kmsKeyId: 'k'.repeat(32) }],
    ['zos', rule(by('aws:kms', ZOS_ID)), { algorithm: 'aws:kms', kmsKeyId: ZOS_ID }],
    ['rgw', rule(by('aws:kms', 'testkey-1')), { algorithm: 'aws:kms', kmsKeyId: 'testkey-1' }],
    ['aws', rule(by('aws:kms')), { algorithm: 'aws:kms' }],
    [
      'aws',
      rule(by('aws:kms', 'alias/mine'), '<BucketKeyEnabled>true</BucketKeyEnabled>'),
      { algorithm: 'aws:kms', kmsKeyId: 'alias/mine', bucketKeyEnabled: true },
    ],
    [
      'aws',
      rule(by('AES256'), '<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>'),
      { algorithm: 'AES256', blocksCustomerKeys: true },
    ],
    [
      'aws',
      root('<Rule><BucketKeyEnabled>false</BucketKeyEnabled></Rule>'),
      { algorithm: 'AES256', bucketKeyEnabled: false },
    ],
  ])('in %s takes %s', (dialect, text, expected) => {
    expect(read(text, dialect)).toEqual(expected)
  })

  test.each<[string, DialectName, string, string]>([
    ['no rule', 'aws', root(''), 'MalformedXML'],
    ['two rules', 'aws', root('<Rule></Rule><Rule></Rule>'), 'MalformedXML'],
    ['another root', 'aws', '<Encryption></Encryption>', 'MalformedXML'],
    ['another root', 'zos', '<Encryption></Encryption>', 'InvalidArgument'],
    ['an unknown element', 'aws', rule(by('AES256'), '<Other></Other>'), 'MalformedXML'],
    ['an unknown method', 'aws', rule(by('DES')), 'MalformedXML'],
    ['no method', 'aws', rule(''), 'MalformedXML'],
    ['two methods', 'aws', rule(by('AES256') + by('AES256')), 'MalformedXML'],
    ['two layers', 'aws', rule(by('aws:kms:dsse')), 'NotImplemented'],
    ['a key for AES256', 'aws', rule(by('AES256', 'k'.repeat(32))), 'InvalidArgument'],
    ['a key for AES256 of 31 characters', 'zos', rule(by('AES256', 'k'.repeat(31))), 'InvalidArgument'],
    ['aws:kms without a key', 'zos', rule(by('aws:kms')), 'InvalidArgument'],
    ['aws:kms without a key', 'rgw', rule(by('aws:kms')), 'InvalidArgument'],
    ['a key of another form', 'zos', rule(by('aws:kms', 'testkey-1')), 'InvalidArgument'],
    [
      'a bucket key of neither kind',
      'aws',
      rule(by('AES256'), '<BucketKeyEnabled>x</BucketKeyEnabled>'),
      'MalformedXML',
    ],
    [
      'something else to block',
      'aws',
      rule(by('AES256'), '<BlockedEncryptionTypes><EncryptionType>SSE-KMS</EncryptionType></BlockedEncryptionTypes>'),
      'MalformedXML',
    ],
  ])('refuses %s in %s: %s', (_what, dialect, text, code) => {
    expect(codeOf(() => read(text, dialect))).toBe(code)
  })
})

describe('encryptionDocument', () => {
  const declared = '<?xml version="1.0" encoding="UTF-8"?>'

  test('is what was put', () => {
    const text = rule(
      by('aws:kms', 'alias/mine'),
      '<BucketKeyEnabled>true</BucketKeyEnabled>' +
        '<BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes>',
    )
    expect(encryptionDocument(read(text, 'aws'), dialectOf('aws'))).toBe(declared + text)
  })

  test('says of each bucket of AWS whether it has a bucket key', () => {
    expect(encryptionDocument({ algorithm: 'AES256' }, dialectOf('aws'))).toBe(
      declared + rule(by('AES256'), '<BucketKeyEnabled>false</BucketKeyEnabled>'),
    )
    expect(encryptionDocument({ algorithm: 'AES256' }, dialectOf('zos'))).toBe(declared + rule(by('AES256')))
  })
})
