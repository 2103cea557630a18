import { describe, expect, it } from 'vitest'
import { readWebsite, websiteDocument } from '../../../src/s3/documents/website.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'

const DIALECTS = { rgw: dialectOf('rgw'), zos: dialectOf('zos'), aws: dialectOf('aws') }
const INDEX = '<IndexDocument><Suffix>i.html</Suffix></IndexDocument>'

const document = (inside: string) => Buffer.from(`<WebsiteConfiguration>${inside}</WebsiteConfiguration>`)
const ruleOf = (inside: string) => `<RoutingRule>${inside}</RoutingRule>`
const site = (...rules: string[]) =>
  document(`${INDEX}<RoutingRules>${rules.map((rule) => ruleOf(rule)).join('')}</RoutingRules>`)
const verdicts = (bytes: Buffer) => {
  const verdict = (name: keyof typeof DIALECTS) => {
    const read = codeOf(() => readWebsite(bytes, DIALECTS[name]))
    return typeof read === 'string' ? read : 'ok'
  }
  return [verdict('rgw'), verdict('zos'), verdict('aws')]
}

const PREFIX = '<Condition><KeyPrefixEquals>a/</KeyPrefixEquals></Condition>'
const WITH = '<ReplaceKeyWith>b</ReplaceKeyWith>'
const PREFIX_WITH = '<ReplaceKeyPrefixWith>b/</ReplaceKeyPrefixWith>'
const redirect = (inside: string) => `<Redirect>${inside}</Redirect>`
const onCode = (code: string) =>
  `<Condition><HttpErrorCodeReturnedEquals>${code}</HttpErrorCodeReturnedEquals></Condition>${redirect(WITH)}`

const ALL = ['ok', 'ok', 'ok']
const MALFORMED = ['InvalidArgument', 'InvalidArgument', 'MalformedXML']
const ARGUMENT = ['InvalidArgument', 'InvalidArgument', 'InvalidArgument']
const MISTAKE = ['InvalidArgument', 'InvalidArgument', 'InvalidRequest']

describe('readWebsite', () => {
  it.each([
    ['an index document', document(INDEX), ALL],
    ['an error document', document(`${INDEX}<ErrorDocument><Key>e</Key></ErrorDocument>`), ALL],
    ['an error document without a key', document(`${INDEX}<ErrorDocument/>`), MALFORMED],
    ['nothing', document(''), ARGUMENT],
    ['no index document', document('<ErrorDocument><Key>e</Key></ErrorDocument>'), ARGUMENT],
    ['an empty suffix', document('<IndexDocument><Suffix></Suffix></IndexDocument>'), ARGUMENT],
    [
      'a slash in the suffix',
      document('<IndexDocument><Suffix>a/i</Suffix></IndexDocument>'),
      ['ok', 'ok', 'InvalidArgument'],
    ],
    ['a long suffix', document(`<IndexDocument><Suffix>${'x'.repeat(1025)}</Suffix></IndexDocument>`), MISTAKE],
    ['two index documents', document(INDEX + INDEX), MALFORMED],
    ['an unknown element', document(`${INDEX}<Other/>`), MALFORMED],
    ['no document', Buffer.alloc(0), MALFORMED],
    ['another root', Buffer.from('<Website/>'), MALFORMED],
    ['a redirect of all', document('<RedirectAllRequestsTo><HostName>a.b</HostName></RedirectAllRequestsTo>'), ALL],
    ['a redirect of all to no host', document('<RedirectAllRequestsTo/>'), MISTAKE],
    [
      'a redirect of all beside others',
      document(`${INDEX}<RedirectAllRequestsTo><HostName>a.b</HostName></RedirectAllRequestsTo>`),
      ARGUMENT,
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(verdicts(bytes)).toEqual(expected)
  })

  it.each([
    ['a prefix replaced', PREFIX + redirect(PREFIX_WITH), ALL],
    ['a key replaced', PREFIX + redirect(WITH), ALL],
    ['both replaced', PREFIX + redirect(WITH + PREFIX_WITH), MISTAKE],
    ['none replaced', PREFIX + redirect('<HostName>a.b</HostName>'), ['ok', 'InvalidArgument', 'ok']],
    ['a prefix replaced without one', redirect(PREFIX_WITH), ['ok', 'InvalidArgument', 'ok']],
    ['no condition', redirect(WITH), ALL],
    ['an empty condition', `<Condition/>${redirect(WITH)}`, ['ok', 'InvalidArgument', 'InvalidRequest']],
    [
      'both conditions',
      `${onCode('404').replace('<Condition>', '<Condition><KeyPrefixEquals>a</KeyPrefixEquals>')}`,
      ['ok', 'InvalidArgument', 'ok'],
    ],
    ['no redirect', PREFIX, MALFORMED],
    ['an empty redirect', PREFIX + redirect(''), MALFORMED],
    ['the error 404', onCode('404'), ALL],
    ['the error 499', onCode('499'), ALL],
    ['the error 399', onCode('399'), MISTAKE],
    ['the error 500', onCode('500'), ['ok', 'InvalidArgument', 'ok']],
    ['the error 600', onCode('600'), MISTAKE],
    ['an error that is no number', onCode('4xx'), MALFORMED],
    ['the code 301', redirect(`${WITH}<HttpRedirectCode>301</HttpRedirectCode>`), ALL],
    ['the code 300', redirect(`${WITH}<HttpRedirectCode>300</HttpRedirectCode>`), MISTAKE],
    ['the code 400', redirect(`${WITH}<HttpRedirectCode>400</HttpRedirectCode>`), MISTAKE],
    ['https', redirect(`${WITH}<Protocol>https</Protocol>`), ALL],
    ['javascript', redirect(`${WITH}<Protocol>javascript</Protocol>`), MISTAKE],
    ['a host with a port', redirect(`${WITH}<HostName>a-b.example:8080</HostName>`), ALL],
    ['an empty host', redirect(`${WITH}<HostName></HostName>`), MISTAKE],
    ['a host with a path', redirect(`${WITH}<HostName>a.b/c</HostName>`), MISTAKE],
    ['a host with a line break', redirect(`${WITH}<HostName>a.b&#x0d;&#x0a;X: y</HostName>`), MISTAKE],
    ['a host with a user', redirect(`${WITH}<HostName>a@b</HostName>`), MISTAKE],
    ['a long key', redirect(`<ReplaceKeyWith>${'x'.repeat(1025)}</ReplaceKeyWith>`), MISTAKE],
    ['an unknown element', redirect(`${WITH}<Other/>`), MALFORMED],
    ['an element twice', redirect(WITH + WITH), MALFORMED],
  ])('a rule with %s', (_name, inside, expected) => {
    expect(verdicts(site(inside))).toEqual(expected)
  })

  it('takes fifty rules', () => {
    const rules = Array.from({ length: 50 }, () => redirect(WITH))
    expect(verdicts(site(...rules))).toEqual(ALL)
    expect(verdicts(site(...rules, redirect(WITH)))).toEqual(['InvalidRequest', 'InvalidRequest', 'InvalidRequest'])
  })

  it('remembers what it read, and nothing else', () => {
    expect(
      readWebsite(
        site(onCode('404'), PREFIX + redirect('<ReplaceKeyPrefixWith> </ReplaceKeyPrefixWith>')),
        DIALECTS.rgw,
      ),
    ).toEqual({
      indexSuffix: 'i.html',
      routingRules: [
        { condition: { httpErrorCodeReturnedEquals: 404 }, redirect: { replaceKeyWith: 'b' } },
        { condition: { keyPrefixEquals: 'a/' }, redirect: { replaceKeyPrefixWith: ' ' } },
      ],
    })
  })
})

describe('websiteDocument', () => {
  const root =
    '<?xml version="1.0" encoding="UTF-8"?><WebsiteConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'

  it.each([
    [`${INDEX}<ErrorDocument><Key>e&amp;</Key></ErrorDocument>`],
    ['<RedirectAllRequestsTo><HostName>a.b</HostName><Protocol>https</Protocol></RedirectAllRequestsTo>'],
    [
      `${INDEX}<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals>` +
        '<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><Protocol>http</Protocol>' +
        '<HostName>a.b</HostName><HttpRedirectCode>302</HttpRedirectCode><ReplaceKeyWith>c</ReplaceKeyWith></Redirect>' +
        '</RoutingRule><RoutingRule><Redirect><ReplaceKeyPrefixWith></ReplaceKeyPrefixWith></Redirect></RoutingRule>' +
        '</RoutingRules>',
    ],
  ])('prints what was read: %s', (inside) => {
    expect(websiteDocument(readWebsite(document(inside), DIALECTS.rgw))).toBe(`${root}${inside}</WebsiteConfiguration>`)
  })
})
