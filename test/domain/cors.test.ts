import { describe, expect, it } from 'vitest'
import { matchCors, matchesPattern } from '../../src/domain/cors.ts'
import type { CorsRule } from '../../src/storage/metadata/settings.ts'

function rule(given: Partial<CorsRule>): CorsRule {
  const nothing = { id: undefined, allowedHeaders: [], exposeHeaders: [], maxAgeSeconds: undefined }
  return { allowedOrigins: ['*'], allowedMethods: ['GET'], ...nothing, ...given }
}

const asked = { origin: 'https://a.example', method: 'GET', headers: [] }

describe('matchesPattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'https://a.example', true],
    ['https://a.example', 'https://a.example', true],
    ['https://a.example', 'https://a.example.evil', false],
    ['https://a.example', 'https://A.example', false],
    ['https://*.example', 'https://a.example', true],
    ['https://*.example', 'https://a.b.example', true],
    ['https://*.example', 'https://.example', true],
    ['https://*.example', 'http://a.example', false],
    ['https://*.example', 'https://example', false],
    // What stands before the star and what stands behind it must not share characters.
    ['aba*ba', 'aba', false],
    ['aba*ba', 'ababa', true],
    ['*suffix', 'suffix', true],
    ['*suffix', 'suffi', false],
    ['start*', 'start', true],
    ['', '', true],
    ['', 'x', false],
    // Nothing but the star is special.
    ['a.example', 'aXexample', false],
    ['a?b', 'axb', false],
  ])('%j matches %j: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected)
  })
})

describe('matchCors', () => {
  const rules = [
    rule({ id: 'own', allowedOrigins: ['https://a.example'], allowedMethods: ['GET', 'PUT'] }),
    rule({
      id: 'headers',
      allowedOrigins: ['https://a.example'],
      allowedMethods: ['PUT'],
      allowedHeaders: ['X-Amz-*'],
    }),
    rule({ id: 'all', allowedMethods: ['GET', 'POST'], allowedHeaders: ['*'] }),
    rule({ id: 'none', allowedMethods: [] }),
  ]

  it.each([
    ['the first rule that fits', {}, 'own'],
    ['another origin', { origin: 'https://b.example' }, 'all'],
    ['the null origin of a sandboxed page', { origin: 'null' }, 'all'],
    // RGW would stop at the first rule of the origin.
    ['a header that a later rule of the origin allows', { method: 'PUT', headers: ['x-amz-meta-a'] }, 'headers'],
    ['headers without regard to case', { method: 'PUT', headers: ['X-AMZ-Date', 'x-amz-acl'] }, 'headers'],
    ['a later rule with all headers', { headers: ['content-type', 'x-amz-meta-a'] }, 'all'],
    ['one header too many', { method: 'PUT', headers: ['x-amz-acl', 'content-type'] }, undefined],
    ['a method of no rule', { method: 'DELETE' }, undefined],
    ['a method in lower case', { method: 'get' }, undefined],
    ['HEAD, which GET does not include', { method: 'HEAD' }, undefined],
    ['an origin whose methods are other ones', { origin: 'https://b.example', method: 'PUT' }, undefined],
  ])('%s', (_name, given, id) => {
    expect(matchCors(rules, { ...asked, ...given })?.rule.id).toBe(id)
  })

  it('tells whether the origin was let in by name', () => {
    const mixed = [rule({ allowedOrigins: ['https://a.example', '*'] })]
    expect(matchCors(mixed, asked)?.anyOrigin).toBe(false)
    expect(matchCors(mixed, { ...asked, origin: 'https://b.example' })?.anyOrigin).toBe(true)
    expect(matchCors([rule({ allowedOrigins: ['http*'] })], asked)?.anyOrigin).toBe(false)
  })

  it('allows nothing without rules', () => {
    expect(matchCors([], asked)).toBeUndefined()
  })
})
