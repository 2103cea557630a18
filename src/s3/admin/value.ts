import type { RequestHead } from '../request.ts'
import type { WireResponse } from '../response.ts'
import { buildDocument, type XmlContent, type XmlValue } from '../xml/build.ts'

/**
 * What the admin API answers, in the form that both of its formats are made from: an object's fields in order, and
 * lists whose items have a name in XML only.
 */
export type AdminValue = string | number | boolean | AdminList | AdminObject

export interface AdminObject {
  readonly [field: string]: AdminValue | undefined
}

const ITEM: unique symbol = Symbol('the name of an item in XML')

export interface AdminList {
  readonly [ITEM]: string
  readonly values: readonly AdminValue[]
}

/** `<caps><cap>…</cap></caps>` in XML, `[…]` in JSON. */
export function listOf(item: string, values: readonly AdminValue[]): AdminList {
  return { [ITEM]: item, values }
}

/** The format that a request asks for; JSON unless it says otherwise. Source: Ceph's adminops documentation. */
export function wantsXml({ query }: Pick<RequestHead, 'query'>): boolean {
  return query.get('format') === 'xml'
}

/** @param root the name of the whole in XML */
export function adminAnswer(head: RequestHead, root: string, value: AdminObject | AdminList): WireResponse {
  if (wantsXml(head)) {
    const body = buildDocument(root, content(value), { namespace: undefined })
    return { headers: [['Content-Type', 'application/xml']], body }
  }
  return { headers: [['Content-Type', 'application/json']], body: JSON.stringify(plain(value)) }
}

function isList(value: AdminObject | AdminList): value is AdminList {
  return ITEM in value
}

function plain(value: AdminValue): unknown {
  if (typeof value !== 'object') return value
  if (isList(value)) return value.values.map(plain)
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, plain(field)]])),
  )
}

function content(value: AdminObject | AdminList): XmlContent {
  if (isList(value)) return { [value[ITEM]]: value.values.map(xmlValue) }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field === undefined ? undefined : xmlValue(field)]),
  )
}

function xmlValue(value: AdminValue): XmlValue {
  return typeof value === 'object' ? content(value) : value
}
