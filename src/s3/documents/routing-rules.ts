import { s3Error } from '../../errors.ts'
import type { RoutingRule } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import type { XmlContent } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed } from './bucket-document.ts'
import { assertOnly, codeOf, defined, hostOf, keyOf, mistake, protocolOf } from './website-elements.ts'

/** S3's and RGW's limit. */
const ROUTING_RULES_MAX = 50

type Condition = NonNullable<RoutingRule['condition']>

/** @throws S3Error InvalidRequest for more than 50 rules; malformed, and what the dialect calls a mistake */
export function readRoutingRules(element: XmlElement | undefined, dialect: Dialect): readonly RoutingRule[] {
  const rules = element?.children() ?? []
  if (rules.some(({ name }) => name !== 'RoutingRule')) throw malformed(dialect)
  if (rules.length > ROUTING_RULES_MAX) {
    const limit = `the number of routing rules in a website configuration is limited to ${ROUTING_RULES_MAX}.`
    throw s3Error('InvalidRequest', {}, { message: `${rules.length} routing rules provided, ${limit}` })
  }
  return rules.map((rule) => readRule(rule, dialect))
}

function readRule(element: XmlElement, dialect: Dialect): RoutingRule {
  assertOnly(element, ['Condition', 'Redirect'], dialect)
  const redirect = readRedirect(element.child('Redirect'), dialect)
  const condition = readCondition(element.child('Condition'), dialect)
  const rule: RoutingRule = condition === undefined ? { redirect } : { condition, redirect }
  if (dialect.website.confined) assertConfined(rule, dialect)
  return rule
}

function readCondition(element: XmlElement | undefined, dialect: Dialect): Condition | undefined {
  if (element === undefined) return undefined
  assertOnly(element, ['KeyPrefixEquals', 'HttpErrorCodeReturnedEquals'], dialect)
  const { emptyCondition, confined } = dialect.website
  if (element.children().length === 0) {
    if (emptyCondition) return undefined
    throw mistake(dialect, 'Condition cannot be empty. To redirect all requests, the element must not be present.')
  }
  const code = codeOf(element, 'HttpErrorCodeReturnedEquals', dialect)
  if (code !== undefined && !(code >= 400 && code < (confined ? 500 : 600))) {
    const valid = confined ? '4XX' : '4XX or 5XX'
    throw mistake(dialect, `The provided HTTP error code (${code}) is not valid. Valid codes are ${valid}.`)
  }
  const keyPrefixEquals = keyOf(element, 'KeyPrefixEquals', dialect)
  return defined<Condition>({ keyPrefixEquals, httpErrorCodeReturnedEquals: code })
}

function readRedirect(element: XmlElement | undefined, dialect: Dialect): RoutingRule['redirect'] {
  // One that says nothing would send clients in circles.
  if (element === undefined || element.children().length === 0) throw malformed(dialect)
  const names = ['Protocol', 'HostName', 'HttpRedirectCode', 'ReplaceKeyPrefixWith', 'ReplaceKeyWith']
  assertOnly(element, names, dialect)
  const httpRedirectCode = codeOf(element, 'HttpRedirectCode', dialect)
  if (httpRedirectCode !== undefined && !(httpRedirectCode > 300 && httpRedirectCode < 400)) {
    const valid = 'Valid codes are 3XX except 300.'
    throw mistake(dialect, `The provided HTTP redirect code (${httpRedirectCode}) is not valid. ${valid}`)
  }
  const replaceKeyPrefixWith = keyOf(element, 'ReplaceKeyPrefixWith', dialect)
  const replaceKeyWith = keyOf(element, 'ReplaceKeyWith', dialect)
  if (replaceKeyPrefixWith !== undefined && replaceKeyWith !== undefined) {
    throw mistake(dialect, 'You can only define ReplaceKeyPrefix or ReplaceKey but not both.')
  }
  const target = { protocol: protocolOf(element, dialect), hostName: hostOf(element, dialect) }
  return defined<RoutingRule['redirect']>({ ...target, httpRedirectCode, replaceKeyPrefixWith, replaceKeyWith })
}

/** The ZOS manual's section 1.14. */
function assertConfined({ condition, redirect }: RoutingRule, dialect: Dialect): void {
  const { keyPrefixEquals, httpErrorCodeReturnedEquals } = condition ?? {}
  if (keyPrefixEquals !== undefined && httpErrorCodeReturnedEquals !== undefined) {
    throw mistake(dialect, 'A Condition has one of KeyPrefixEquals and HttpErrorCodeReturnedEquals.')
  }
  const { replaceKeyPrefixWith, replaceKeyWith } = redirect
  if (replaceKeyPrefixWith === undefined && replaceKeyWith === undefined) {
    throw mistake(dialect, 'A Redirect has one of ReplaceKeyWith and ReplaceKeyPrefixWith.')
  }
  if (replaceKeyPrefixWith !== undefined && keyPrefixEquals === undefined) {
    throw mistake(dialect, 'ReplaceKeyPrefixWith needs a Condition with KeyPrefixEquals.')
  }
}

/** In RGW's order (recorded: website.get.rules). */
export function shownRule({ condition, redirect }: RoutingRule): XmlContent {
  return {
    Condition: condition && {
      KeyPrefixEquals: condition.keyPrefixEquals,
      HttpErrorCodeReturnedEquals: condition.httpErrorCodeReturnedEquals,
    },
    Redirect: {
      Protocol: redirect.protocol,
      HostName: redirect.hostName,
      HttpRedirectCode: redirect.httpRedirectCode,
      ReplaceKeyPrefixWith: redirect.replaceKeyPrefixWith,
      ReplaceKeyWith: redirect.replaceKeyWith,
    },
  }
}
