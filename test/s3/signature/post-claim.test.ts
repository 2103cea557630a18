import { describe, expect, it } from 'vitest'
import type { FormFields } from '../../../src/s3/form/fields.ts'
import { Authenticator } from '../../../src/s3/signature/authenticate.ts'
import { parsePostPolicy } from '../../../src/s3/signature/post-policy.ts'
import { type Fields, policyOf, signFormV2, signFormV4 } from '../../support/form.ts'
import { codeOf, EXAMPLE_KEY, errorOf, exampleAccounts, SUSPENDED_KEY } from '../../support/wire-head.ts'

const authenticator = new Authenticator({ accounts: exampleAccounts(), clock: { now: () => Date.now() } })

function fieldsOf(fields: Fields, changes: Record<string, string | undefined> = {}): FormFields {
  const map = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]))
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) map.delete(name)
    else map.set(name, value)
  }
  return map
}

const authenticate = (fields: FormFields) => authenticator.authenticateForm(fields)

/** The policy of AWS's page "Example: Browser-Based Upload using HTTP POST", with its line ends. */
const EXAMPLE = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  '',
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  '  ]',
  '}',
].join('\r\n')

describe("AWS's example", () => {
  const policy = Buffer.from(EXAMPLE).toString('base64')
  const fields = new Map([
    ['policy', policy],
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request'],
    ['x-amz-date', '20151229T000000Z'],
    ['x-amz-signature', '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e'],
  ])

  it('has the published signature', () => {
    expect(authenticate(fields)).toMatchObject({ accessKey: EXAMPLE_KEY.accessKey, version: 'v4' })
    expect(parsePostPolicy(policy).conditions).toHaveLength(11)
  })
})

describe.each([
  ['SigV2', signFormV2, 'signature'],
  ['SigV4', signFormV4, 'x-amz-signature'],
] as const)('%s', (_name, sign, signatureField) => {
  const policy = policyOf([])
  const sound = sign(policy, EXAMPLE_KEY)

  it('proves who signed the policy, suspended or not', () => {
    const caller = { kind: 'account', account: { id: 'example' } }
    expect(authenticate(fieldsOf(sound))).toMatchObject({ caller, accessKey: EXAMPLE_KEY.accessKey, presigned: false })
    expect(authenticate(fieldsOf(sign(policy, SUSPENDED_KEY)))?.caller).toMatchObject({ account: { suspended: true } })
  })

  it('covers the policy as it was sent, which is told to whoever has it wrong', () => {
    const other = policyOf([{ bucket: 'b' }])
    const error = errorOf(() => authenticate(fieldsOf(sound, { policy: other })))
    const SignatureProvided = fieldsOf(sound).get(signatureField)
    expect(error.code).toBe('SignatureDoesNotMatch')
    expect(error.details).toMatchObject({
      AWSAccessKeyId: EXAMPLE_KEY.accessKey,
      StringToSign: other,
      SignatureProvided,
    })
    expect(error.details).not.toHaveProperty('CanonicalRequest')
    for (const changed of [`${policy}\n`, policy.slice(0, -2)]) {
      expect(codeOf(() => authenticate(fieldsOf(sound, { policy: changed })))).toBe('SignatureDoesNotMatch')
    }
  })

  it('is refused where it is wrong, cut, or of nobody', () => {
    const signature = fieldsOf(sound).get(signatureField) ?? ''
    for (const wrong of [signature.slice(1), `${signature}0`, signature.split('').toReversed().join(''), 'é']) {
      expect(codeOf(() => authenticate(fieldsOf(sound, { [signatureField]: wrong })))).toBe('SignatureDoesNotMatch')
    }
    const unknown = sign(policy, { ...EXAMPLE_KEY, accessKey: 'NOSUCHKEY' })
    expect(codeOf(() => authenticate(fieldsOf(unknown)))).toBe('InvalidAccessKeyId')
    const otherSecret = sign(policy, { ...EXAMPLE_KEY, secretKey: 'other' })
    expect(codeOf(() => authenticate(fieldsOf(otherSecret)))).toBe('SignatureDoesNotMatch')
  })

  it('needs each of its fields, and a policy', () => {
    for (const name of fieldsOf(sound).keys()) {
      for (const value of [undefined, '']) {
        const error = errorOf(() => authenticate(fieldsOf(sound, { [name]: value })))
        expect(error.code).toBe('InvalidArgument')
        expect(String(error.details['ArgumentName']).toLowerCase()).toBe(name)
      }
    }
  })
})

it('a form without a policy and a signature is of an anonymous caller', () => {
  expect(authenticate(new Map([['key', 'k']]))).toBeUndefined()
  expect(codeOf(() => authenticate(new Map([['policy', policyOf([])]])))).toBe('InvalidArgument')
})

it.each([
  ['x-amz-algorithm', 'AWS4-HMAC-MD5', 'InvalidArgument'],
  ['x-amz-date', 'yesterday', 'InvalidArgument'],
  ['x-amz-date', '20151229T000000Z', 'InvalidArgument'],
  ['x-amz-credential', 'KEY', 'InvalidArgument'],
  ['x-amz-credential', 'KEY/20151229/us-east-1/s3/aws3_request', 'AuthorizationHeaderMalformed'],
])('%s: %s', (name, value, code) => {
  const sound = signFormV4(policyOf([]), EXAMPLE_KEY)
  expect(codeOf(() => authenticate(fieldsOf(sound, { [name]: value })))).toBe(code)
  expect(authenticate(fieldsOf(sound))?.version).toBe('v4')
})
