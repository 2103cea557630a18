import { describe, expect, it } from 'vitest'
import { effectiveKey } from '../../../src/domain/website/keys.ts'
import { redirectAll, redirectBeforeRead, redirectOnError } from '../../../src/domain/website/routing.ts'
import type { RoutingRule, WebsiteConfiguration } from '../../../src/storage/metadata/settings.ts'

function site(...routingRules: RoutingRule[]): WebsiteConfiguration {
  return { indexSuffix: 'index.html', routingRules }
}

const visit = (key: string) => ({ protocol: 'http', host: 'site.example:8080', key }) as const
const here = { protocol: 'http', host: 'site.example:8080' }

describe('redirectAll', () => {
  it('keeps the key, and the protocol where none is named', () => {
    const website: WebsiteConfiguration = { redirectAllRequestsTo: { hostName: 'other.example' }, routingRules: [] }
    const expected = { status: 301, protocol: 'http', host: 'other.example', ruleText: '', keyText: 'a/b' }
    expect(redirectAll(website, visit('a/b'))).toEqual(expected)
    const secure = { ...website, redirectAllRequestsTo: { hostName: 'other.example', protocol: 'https' } as const }
    expect(redirectAll(secure, visit('a/b'))).toEqual({ ...expected, protocol: 'https' })
    expect(redirectAll(site(), visit('a/b'))).toBeUndefined()
  })
})

describe('redirectBeforeRead', () => {
  const docs: RoutingRule = {
    condition: { keyPrefixEquals: 'docs/' },
    redirect: { replaceKeyPrefixWith: 'documents/' },
  }
  const host: RoutingRule = { redirect: { hostName: 'other.example', protocol: 'https', httpRedirectCode: 302 } }
  const onError: RoutingRule = {
    condition: { keyPrefixEquals: 'docs/', httpErrorCodeReturnedEquals: 404 },
    redirect: { replaceKeyWith: 'never.html' },
  }
  const intoIndex: RoutingRule = {
    condition: { keyPrefixEquals: 'ind' },
    redirect: { replaceKeyPrefixWith: 'x' },
  }

  it.each([
    ['a prefix', [docs], 'docs/a/b', { status: 301, ...here, ruleText: 'documents/', keyText: 'a/b' }],
    ['the prefix alone', [docs], 'docs/', { status: 301, ...here, ruleText: 'documents/', keyText: '' }],
    ['another prefix', [docs], 'doc/a', undefined],
    ['the first of two', [docs, host], 'docs/a', { status: 301, ...here, ruleText: 'documents/', keyText: 'a' }],
    [
      'a rule without condition',
      [docs, host],
      'a',
      { status: 302, protocol: 'https', host: 'other.example', ruleText: '', keyText: 'a' },
    ],
    ['a rule for errors', [onError], 'docs/a', undefined],
    ['a rule for errors before another', [onError, docs], 'docs/a', { keyText: 'a' }],
    ['the root by its index document', [intoIndex], '', { ruleText: 'x', keyText: 'ex.html' }],
    ['no rules', [], 'docs/a', undefined],
  ])('%s', (_name, rules, key, expected) => {
    const found = redirectBeforeRead(site(...rules), visit(key), effectiveKey(key, 'index.html'))
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(expected)
  })

  it('replaces the whole key', () => {
    const rule: RoutingRule = { condition: { keyPrefixEquals: 'images/' }, redirect: { replaceKeyWith: 'gone.html' } }
    expect(redirectBeforeRead(site(rule), visit('images/a.png'), 'images/a.png')).toMatchObject({
      ruleText: 'gone.html',
      keyText: '',
    })
  })

  it('removes a prefix that is replaced by nothing', () => {
    const rule: RoutingRule = { condition: { keyPrefixEquals: 'old/' }, redirect: { replaceKeyPrefixWith: '' } }
    expect(redirectBeforeRead(site(rule), visit('old/a'), 'old/a')).toMatchObject({ ruleText: '', keyText: 'a' })
  })
})

describe('redirectOnError', () => {
  const notFound: RoutingRule = {
    condition: { httpErrorCodeReturnedEquals: 404 },
    redirect: { hostName: 'other.example', replaceKeyPrefixWith: 'report-404/' },
  }
  const both: RoutingRule = {
    condition: { keyPrefixEquals: 'docs/', httpErrorCodeReturnedEquals: 403 },
    redirect: { replaceKeyWith: 'login.html' },
  }
  const plain: RoutingRule = { condition: { keyPrefixEquals: 'docs/' }, redirect: { replaceKeyWith: 'never.html' } }

  it.each([
    ['its status', [both, notFound], 'a', 404, { host: 'other.example', ruleText: 'report-404/', keyText: 'a' }],
    ['another status', [notFound], 'a', 403, undefined],
    ['status and prefix', [both, notFound], 'docs/a', 403, { ruleText: 'login.html', keyText: '' }],
    ['status without prefix', [both, notFound], 'a', 403, undefined],
    ['a rule without a status', [plain], 'docs/a', 404, undefined],
  ])('%s', (_name, rules, key, status, expected) => {
    const found = redirectOnError(site(...rules), visit(key), status)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(expected)
  })
})
