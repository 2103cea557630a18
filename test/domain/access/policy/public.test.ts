// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write their variables
import { describe, expect, it } from 'vitest'
import { isPublicPolicy } from '../../../../src/domain/access/policy/public.ts'
import { document, parse, statement } from './support.ts'

function isPublic(...given: readonly object[]): boolean {
  return isPublicPolicy(parse(document(...given.map((one) => statement(one)))))
}

describe('isPublicPolicy', () => {
  it.each<readonly [object, boolean]>([
    [{}, true],
    [{ Principal: { AWS: ['alice', '*'] } }, true],
    [{ Principal: { AWS: 'alice' } }, false],
    [{ Principal: { AWS: 'arn:aws:iam::t:root' } }, false],
    [{ Principal: { Service: '*' } }, false],
    [{ Principal: undefined }, false],
    [{ Principal: undefined, NotPrincipal: { AWS: 'alice' } }, true],
    [{ Principal: undefined, NotPrincipal: '*' }, false],
    [{ Effect: 'Deny' }, false],
  ])('%j: %s', (given, expected) => {
    expect(isPublic(given)).toBe(expected)
  })

  it.each<readonly [object, boolean]>([
    [{ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, false],
    [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] } }, false],
    [{ IpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '0.0.0.0/1'] } }, true],
    [{ IpAddress: { 'aws:SourceIp': '11.0.0.0/7' } }, true],
    [{ IpAddress: { 'aws:SourceIp': '2001::/31' } }, true],
    [{ IpAddress: { 'aws:SourceIp': 'nonsense' } }, true],
    [{ NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
    [{ IpAddressIfExists: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
    [{ StringLike: { 'aws:SourceIp': '192.0.2.1' } }, true],
    [{ StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, false],
    [{ StringLike: { 'aws:SourceVpc': 'vpc-1' } }, false],
    [{ StringLike: { 'aws:SourceVpc': 'vpc-*' } }, true],
    [{ StringEquals: { 'aws:SourceVpc': '${aws:username}' } }, true],
    [{ StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, true],
    [{ StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:PrincipalOrgPaths': 'o-1/r-1/' } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgPaths': 'o-1/r-1/' } }, false],
    [{ StringEquals: { 'aws:PrincipalOrgID': ['o-1', 'o-2'] } }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::other' } }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }, true],
    [{ StringLike: { 's3:DataAccessPointArn': 'arn:aws:s3:eu-1:123456789012:accesspoint/*' } }, false],
    [{ StringLike: { 's3:DataAccessPointArn': 'arn:aws:s3:eu-1:*:accesspoint/*' } }, true],
    [{ StringEquals: { 'aws:userid': 'AIDA' } }, false],
    [{ StringEquals: { 'aws:userid': ['AIDA', 'anonymous'] } }, true],
    [{ StringLike: { 'aws:userid': 'AROA:*' } }, true],
    [{ StringEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'k' } }, false],
    [{ StringLike: { 'aws:Referer': 'http://good.example/' } }, true],
    [{ Null: { 'aws:SourceVpc': 'false' } }, true],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, true],
    [{ StringEquals: { 'aws:Referer': 'x', 'aws:SourceVpc': 'vpc-1' } }, false],
  ])('everybody with %j: %s', (Condition, expected) => {
    expect(isPublic({ Condition })).toBe(expected)
  })

  it('is decided by the most open statement, whatever others deny', () => {
    expect(isPublic({ Principal: { AWS: 'alice' } }, {}, { Effect: 'Deny' })).toBe(true)
    expect(isPublic({ Principal: { AWS: 'alice' } }, { Effect: 'Deny' })).toBe(false)
  })
})
