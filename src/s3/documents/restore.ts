import type { RestoreStatus } from '../../domain/storage-classes/archive.ts'
import type { RestoreTier } from '../../domain/storage-classes/restore.ts'
import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { isoDate } from '../headers/names.ts'
import type { XmlContent } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

/** What a RestoreRequest may say. */
export interface RestoreRules {
  /** Days that a restored copy may be kept. */
  readonly daysMax: number
  readonly tiers: readonly RestoreTier[]
}

/** The tiers as AWS has them, and a century, because S3 names no limit. */
export const AWS_RESTORE: RestoreRules = { daysMax: 36_500, tiers: ['Standard', 'Bulk', 'Expedited'] }

/** Some hundred bytes; a description may be longer. */
export const RESTORE_BYTES_MAX = 64 * 1024

const TIERS: readonly RestoreTier[] = ['Standard', 'Bulk', 'Expedited']
/** A query over an archived object, and where its result goes: S3 has closed it to new customers. */
const SELECT_ELEMENTS = ['Type', 'SelectParameters', 'OutputLocation']
const ELEMENTS: ReadonlySet<string> = new Set(['Days', 'GlacierJobParameters', 'Tier', 'Description'])

export interface RestoreDocument {
  readonly days: number
  readonly tier: RestoreTier
}

/**
 * RestoreRequest. A tier that is left out is Standard.
 * @throws S3Error MalformedXML, InvalidArgument for days and tiers that the provider does not have, NotImplemented for
 *   queries
 */
export function readRestoreRequest(document: Buffer, { restore: rules }: Pick<Dialect, 'restore'>): RestoreDocument {
  const root = parseDocument(document, 'RestoreRequest')
  const query = root.children().find(({ name }) => SELECT_ELEMENTS.includes(name))
  if (query !== undefined) throw s3Error('NotImplemented', { Element: query.name })
  const names = root.children().map(({ name }) => name)
  const isSound = names.every((name) => ELEMENTS.has(name)) && new Set(names).size === names.length
  if (!isSound) throw s3Error('MalformedXML')
  return { days: readDays(root, rules), tier: readTier(root, rules) }
}

function readDays(root: XmlElement, { daysMax }: RestoreRules): number {
  const text = root.child('Days')?.text.trim() ?? ''
  if (!/^[+-]?\d+$/.test(text)) throw s3Error('MalformedXML')
  const days = Number(text)
  if (days >= 1 && days <= daysMax) return days
  const message = `Days is a whole number from 1 to ${daysMax}`
  throw s3Error('InvalidArgument', { ArgumentName: 'Days', ArgumentValue: text }, { message })
}

function readTier(root: XmlElement, { tiers }: RestoreRules): RestoreTier {
  const parameters = root.child('GlacierJobParameters')
  const element = parameters === undefined ? root.child('Tier') : parameters.child('Tier')
  // S3 demands the tier where it is given the element for it.
  if (element === undefined && parameters !== undefined) throw s3Error('MalformedXML')
  const text = element?.text.trim() ?? 'Standard'
  const tier = TIERS.find((one) => one === text)
  if (tier === undefined) throw s3Error('MalformedXML')
  if (tiers.includes(tier)) return tier
  const message = `The tier is one of ${tiers.join(', ')}`
  throw s3Error('InvalidArgument', { ArgumentName: 'Tier', ArgumentValue: text }, { message })
}

/** What a listing tells of a restore, where it was asked to. */
export function restoreStatusElement(status: RestoreStatus): XmlContent | undefined {
  if (status === undefined) return undefined
  return {
    IsRestoreInProgress: status.isOngoing,
    RestoreExpiryDate: status.isOngoing ? undefined : isoDate(status.untilMs),
  }
}
