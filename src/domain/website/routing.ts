import type { RoutingRule, WebsiteConfiguration } from '../../storage/metadata/settings.ts'

/** What a page was asked for by. */
export interface Asked {
  readonly protocol: 'http' | 'https'
  /** Name and port, if any, as the client knows this server. */
  readonly host: string
  /** The path without its first slash; empty for the root. */
  readonly key: string
}

/** Where a client is sent. */
export interface Redirect {
  readonly status: number
  readonly protocol: 'http' | 'https'
  readonly host: string
  /** What the bucket's owner wrote, as it is: it may hold a query or a fragment. */
  readonly ruleText: string
  /** What follows it from the key that was asked for. */
  readonly keyText: string
}

/** S3's status where a rule names none; RGW has the same. */
const MOVED_PERMANENTLY = 301

/** RedirectAllRequestsTo; undefined where the website has none. */
export function redirectAll(website: WebsiteConfiguration, asked: Asked): Redirect | undefined {
  const target = website.redirectAllRequestsTo
  if (target === undefined) return undefined
  const { hostName: host, protocol = asked.protocol } = target
  return { status: MOVED_PERMANENTLY, protocol, host, ruleText: '', keyText: asked.key }
}

/**
 * The redirect before anything is read: by the first rule that asks for no error and whose prefix the effective key
 * has.
 */
export function redirectBeforeRead(
  website: WebsiteConfiguration,
  asked: Asked,
  effectiveKey: string,
): Redirect | undefined {
  const rule = website.routingRules.find(
    ({ condition }) => condition?.httpErrorCodeReturnedEquals === undefined && hasPrefix(condition, effectiveKey),
  )
  if (rule === undefined) return undefined
  // A prefix may reach into the index document's name, which was not asked for.
  return redirectBy(rule, hasPrefix(rule.condition, asked.key) ? asked : { ...asked, key: effectiveKey })
}

/** The redirect of a failed read: by the first rule that asks for this status and whose prefix the key has. */
export function redirectOnError(website: WebsiteConfiguration, asked: Asked, status: number): Redirect | undefined {
  const rule = website.routingRules.find(
    ({ condition }) => condition?.httpErrorCodeReturnedEquals === status && hasPrefix(condition, asked.key),
  )
  return rule === undefined ? undefined : redirectBy(rule, asked)
}

function hasPrefix(condition: RoutingRule['condition'], key: string): boolean {
  return key.startsWith(condition?.keyPrefixEquals ?? '')
}

function redirectBy({ condition, redirect }: RoutingRule, asked: Asked): Redirect {
  const { protocol = asked.protocol, hostName: host = asked.host, httpRedirectCode = MOVED_PERMANENTLY } = redirect
  const target = { status: httpRedirectCode, protocol, host }
  if (redirect.replaceKeyWith !== undefined) return { ...target, ruleText: redirect.replaceKeyWith, keyText: '' }
  if (redirect.replaceKeyPrefixWith === undefined) return { ...target, ruleText: '', keyText: asked.key }
  const keyText = asked.key.slice(condition?.keyPrefixEquals?.length ?? 0)
  return { ...target, ruleText: redirect.replaceKeyPrefixWith, keyText }
}
