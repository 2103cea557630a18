import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { encryptionHeaders, readEncryption, readOfferedKey, readSourceKey } from '../../src/s3/headers/encryption.ts'
import { customerKey } from '../support/encryption.ts'
import { dialectOf } from '../support/head.ts'
import { codeOf, errorOf, wireHead } from '../support/wire-head.ts'

type Headers = Readonly<Record<string, string>>

function wire(
  headers: Headers,
  { dialect = 'rgw' as DialectName, encrypted = false, customerKeysNeedTls = false } = {},
) {
  const spoken = dialectOf(dialect)
  const encryption = { ...spoken.encryption, customerKeysNeedTls }
  return {
    head: wireHead({ method: 'PUT', target: '/b/k', headers, encrypted }),
    dialect: { ...spoken, encryption },
  }
}

const asked = (headers: Headers, dialect: DialectName = 'rgw') => readEncryption(wire(headers, { dialect })).asked
const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
const CONTEXT = `${SSE}-context`
const CUSTOMER = `${SSE}-customer`
const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('what a write asks for', () => {
  test('nothing', () => {
    expect(asked({})).toBeUndefined()
    expect(asked({ [SSE]: '' })).toBeUndefined()
  })

  test('SSE-S3', () => {
    expect(asked({ [SSE]: 'AES256' })).toEqual({ algorithm: 'AES256' })
  })

  test('SSE-KMS, with a context and a bucket key', () => {
    const context = base64('{"project":"x"}')
    const headers = {
      [SSE]: 'aws:kms',
      [KEY_ID]: 'testkey-1',
      [CONTEXT]: context,
      [`${SSE}-bucket-key-enabled`]: 'true',
    }
    expect(readEncryption(wire(headers))).toMatchObject({
      asked: { algorithm: 'aws:kms', kmsKeyId: 'testkey-1', context },
      bucketKeyEnabled: true,
    })
  })

  test('SSE-C', () => {
    const { headers, key } = customerKey()
    expect(asked(headers)).toMatchObject({ algorithm: 'customer', key: { md5: key.md5 } })
  })

  test.each<[DialectName, string, string]>([
    ['rgw', 'testkey-1', 'taken'],
    ['aws', 'arn:aws:kms:eu-west-1:111122223333:key/1234', 'taken'],
    ['aws', 'alias/mine', 'taken'],
    ['zos', ZOS_ID, 'taken'],
    ['zos', 'testkey-1', 'InvalidArgument'],
    ['zos', ZOS_ID.replace('AES_256', 'AES_128'), 'InvalidArgument'],
    ['zos', `${ZOS_ID}:more`, 'InvalidArgument'],
    ['aws', 'k'.repeat(2049), 'InvalidArgument'],
    ['rgw', 'a\u0085b', 'InvalidArgument'],
  ])('in %s the key %s is %s', (dialect, id, outcome) => {
    const read = () => asked({ [SSE]: 'aws:kms', [KEY_ID]: id }, dialect)
    if (outcome === 'taken') expect(read()).toMatchObject({ kmsKeyId: id })
    else expect(codeOf(read)).toBe(outcome)
  })

  test('only AWS has a key for those who name none', () => {
    expect(asked({ [SSE]: 'aws:kms' }, 'aws')).toMatchObject({ algorithm: 'aws:kms', kmsKeyId: undefined })
    expect(errorOf(() => asked({ [SSE]: 'aws:kms' })).message).toContain(KEY_ID)
    expect(codeOf(() => asked({ [SSE]: 'aws:kms' }, 'zos'))).toBe('InvalidArgument')
  })

  test.each<[string, Headers, DialectName, string]>([
    ['an unknown method', { [SSE]: 'rot13' }, 'rgw', 'InvalidArgument'],
    ['an unknown method', { [SSE]: 'rot13' }, 'aws', 'InvalidEncryptionAlgorithmError'],
    ['two layers', { [SSE]: 'aws:kms:dsse' }, 'aws', 'NotImplemented'],
    ['a key without a method', { [KEY_ID]: 'k' }, 'rgw', 'InvalidArgument'],
    ['a key for AES256', { [SSE]: 'AES256', [KEY_ID]: 'k' }, 'rgw', 'InvalidArgument'],
    ['a context for AES256', { [SSE]: 'AES256', [CONTEXT]: base64('{}') }, 'rgw', 'InvalidArgument'],
    [
      'a context that is no JSON',
      { [SSE]: 'aws:kms', [KEY_ID]: 'k', [CONTEXT]: base64('{') },
      'rgw',
      'InvalidArgument',
    ],
    [
      'a context of numbers',
      { [SSE]: 'aws:kms', [KEY_ID]: 'k', [CONTEXT]: base64('{"a":1}') },
      'rgw',
      'InvalidArgument',
    ],
    [
      'a context that is a list',
      { [SSE]: 'aws:kms', [KEY_ID]: 'k', [CONTEXT]: base64('[]') },
      'rgw',
      'InvalidArgument',
    ],
    ['a bucket key of neither kind', { [`${SSE}-bucket-key-enabled`]: 'yes' }, 'aws', 'InvalidArgument'],
    ['two methods', { ...customerKey().headers, [SSE]: 'AES256' }, 'rgw', 'InvalidArgument'],
  ])('%s is refused: %j', (_what, headers, dialect, code) => {
    expect(codeOf(() => asked(headers, dialect))).toBe(code)
  })
})

describe("a customer's key", () => {
  const { headers, bytes } = customerKey()
  const without = (name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([header]) => header !== `${CUSTOMER}-${name}`))

  test.each<[string, Headers, string]>([
    ['no method', without('algorithm'), 'InvalidArgument'],
    ['no key', without('key'), 'InvalidArgument'],
    ['no MD5', without('key-MD5'), 'InvalidArgument'],
    ['another method', { ...headers, [`${CUSTOMER}-algorithm`]: 'DES' }, 'InvalidEncryptionAlgorithmError'],
    ['a short key', { ...headers, [`${CUSTOMER}-key`]: base64('short') }, 'InvalidArgument'],
    ['a key that is no base64', { ...headers, [`${CUSTOMER}-key`]: '*'.repeat(44) }, 'InvalidArgument'],
    ['the MD5 of another key', { ...headers, [`${CUSTOMER}-key-MD5`]: customerKey().key.md5 }, 'InvalidArgument'],
    ['a short MD5', { ...headers, [`${CUSTOMER}-key-MD5`]: 'AAAA' }, 'InvalidArgument'],
  ])('%s is refused, and the key is not repeated', (_what, sent, code) => {
    const error = errorOf(() => readOfferedKey(wire(sent)))
    expect(error.code).toBe(code)
    expect(JSON.stringify([error.message, error.details])).not.toContain(sent[`${CUSTOMER}-key`] ?? 'nothing')
    expect(readOfferedKey(wire(headers))?.md5).toBe(headers[`${CUSTOMER}-key-MD5`])
  })

  test('is asked for over TLS where the configuration says so', () => {
    const need = { customerKeysNeedTls: true }
    expect(codeOf(() => readOfferedKey(wire(headers, need)))).toBe('InvalidRequest')
    expect(readOfferedKey(wire(headers, { ...need, encrypted: true }))).toBeDefined()
  })

  test('of a source has headers of its own', () => {
    const { sourceHeaders, key } = customerKey()
    expect(readSourceKey(wire(sourceHeaders))?.md5).toBe(key.md5)
    expect(readOfferedKey(wire(sourceHeaders))).toBeUndefined()
    expect(readSourceKey(wire(headers))).toBeUndefined()
  })

  test('shows itself to nobody', () => {
    const key = readOfferedKey(wire(headers))
    const text =
      JSON.stringify(key) +
      String(key) +
      Object.entries(key ?? {})
        .flat()
        .join()
    expect(text).toContain(key?.md5)
    expect(text).not.toContain(bytes.toString('base64'))
    expect(key?.reveal().export().equals(bytes)).toBe(true)
  })

  test('a read asks for no other encryption', () => {
    expect(codeOf(() => readOfferedKey(wire({ [SSE]: 'AES256' })))).toBe('InvalidArgument')
  })
})

describe('what answers say', () => {
  test.each([
    [undefined, []],
    [{ algorithm: 'AES256' }, [[SSE, 'AES256']]],
    [{ algorithm: 'AES256', kmsKeyId: 'k' }, [[SSE, 'AES256']]],
    [
      { algorithm: 'customer', customerKeyMd5: 'MD5' },
      [
        [`${CUSTOMER}-algorithm`, 'AES256'],
        [`${CUSTOMER}-key-MD5`, 'MD5'],
      ],
    ],
  ] as const)('%j', (info, expected) => {
    expect(encryptionHeaders(info, 'read')).toEqual(expected)
    expect(encryptionHeaders(info, 'write')).toEqual(expected)
  })

  test('the context is for writes', () => {
    const info = { algorithm: 'aws:kms', kmsKeyId: 'k', context: 'e30=', bucketKeyEnabled: true } as const
    const told = (answer: 'read' | 'write') =>
      Object.fromEntries(encryptionHeaders(info, answer).filter(([, value]) => value !== undefined))
    const shared = { [SSE]: 'aws:kms', [KEY_ID]: 'k', [`${SSE}-bucket-key-enabled`]: 'true' }
    expect(told('read')).toEqual(shared)
    expect(told('write')).toEqual({ ...shared, [CONTEXT]: 'e30=' })
  })
})
