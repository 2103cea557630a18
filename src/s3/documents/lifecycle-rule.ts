import { s3Error } from '../../errors.ts'
import type { LifecycleDue, LifecycleRule, NoncurrentDue } from '../../storage/metadata/settings.ts'
import { isoDate } from '../headers/names.ts'
import type { XmlContent } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import type { LifecycleDocuments } from './lifecycle.ts'
import { atLeast, childrenOf, fault, readBoolean, readMidnight, readNumber } from './lifecycle-elements.ts'
import { filterContent, readFilter, readOldPrefix } from './lifecycle-filter.ts'

/** In characters; the S3 user guide's "ID element", and RGW's MAX_ID_LEN. */
const ID_LENGTH_MAX = 255

const ONE = [
  'ID',
  'Prefix',
  'Filter',
  'Status',
  'Expiration',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
]
const MANY = ['Transition', 'NoncurrentVersionTransition']

/**
 * One Rule by itself; its id is empty where it has none.
 * @throws S3Error MalformedXML for what is not of S3's schema; InvalidArgument for numbers that cannot be; what the
 *   dialect says to an unknown storage class, or a rule that does nothing
 */
export function readRule(element: XmlElement, documents: LifecycleDocuments): LifecycleRule {
  const children = childrenOf(element, { one: ONE, many: MANY })
  const id = children.one('ID')?.text ?? ''
  if (id.length > ID_LENGTH_MAX) {
    throw s3Error('InvalidArgument', {}, { message: `ID length should not exceed allowed limit of ${ID_LENGTH_MAX}` })
  }
  const prefix = children.one('Prefix')
  const filter = children.one('Filter')
  // Exactly one of them: with both, one would have to be ignored.
  if ((prefix === undefined) === (filter === undefined)) throw s3Error('MalformedXML')
  const rule: LifecycleRule = {
    id,
    enabled: readStatus(children.one('Status')),
    isOldForm: filter === undefined,
    filter: filter === undefined ? readOldPrefix(prefix ?? element) : readFilter(filter, documents),
    expiration: readExpiration(children.one('Expiration'), documents),
    noncurrentExpiration: readNoncurrentExpiration(children.one('NoncurrentVersionExpiration'), documents),
    transitions: children.many('Transition').map((one) => readTransition(one, documents)),
    noncurrentTransitions: children
      .many('NoncurrentVersionTransition')
      .map((one) => readNoncurrentTransition(one, documents)),
    abortIncompleteDays: readAbort(children.one('AbortIncompleteMultipartUpload'), documents),
  }
  const actions = [rule.expiration, rule.noncurrentExpiration, rule.abortIncompleteDays]
  const isIdle = actions.every((one) => one === undefined) && MANY.every((name) => children.many(name).length === 0)
  if (isIdle) throw fault('no-action', documents.codes, 'At least one action needs to be specified in a rule')
  return rule
}

function readStatus(element: XmlElement | undefined): boolean {
  const status = element?.text.trim()
  if (status !== 'Enabled' && status !== 'Disabled') throw s3Error('MalformedXML')
  return status === 'Enabled'
}

/** Exactly one of the three. */
function readExpiration(
  element: XmlElement | undefined,
  { codes }: LifecycleDocuments,
): LifecycleRule['expiration'] | undefined {
  if (element === undefined) return undefined
  const children = childrenOf(element, { one: ['Days', 'Date', 'ExpiredObjectDeleteMarker'] })
  if (element.children().length !== 1) throw s3Error('MalformedXML')
  const [days, date, marker] = ['Days', 'Date', 'ExpiredObjectDeleteMarker'].map((name) => children.one(name))
  if (days !== undefined) return { days: atLeast(readNumber(days, codes), 1, "'Days' for Expiration action") }
  if (date !== undefined) return { dateMs: readMidnight(date, codes) }
  return marker === undefined ? undefined : { expiredObjectDeleteMarker: readBoolean(marker) }
}

function readNoncurrentExpiration(
  element: XmlElement | undefined,
  { codes }: LifecycleDocuments,
): NoncurrentDue | undefined {
  if (element === undefined) return undefined
  const children = childrenOf(element, { one: ['NoncurrentDays', 'NewerNoncurrentVersions'] })
  const days = children.one('NoncurrentDays')
  if (days === undefined) throw s3Error('MalformedXML')
  return {
    noncurrentDays: atLeast(readNumber(days, codes), 1, "'NoncurrentDays' for NoncurrentVersionExpiration action"),
    ...readNewer(children.one('NewerNoncurrentVersions'), { codes }),
  }
}

function readTransition(element: XmlElement, documents: LifecycleDocuments): LifecycleRule['transitions'][number] {
  const children = childrenOf(element, { one: ['Days', 'Date', 'StorageClass'] })
  const [days, date] = [children.one('Days'), children.one('Date')]
  if ((days === undefined) === (date === undefined)) throw s3Error('MalformedXML')
  const storageClass = readClass(children.one('StorageClass'), documents)
  const { codes } = documents
  if (date !== undefined) return { dateMs: readMidnight(date, codes), storageClass }
  return { days: atLeast(readNumber(days ?? element, codes), 0, "'Days' in Transition action"), storageClass }
}

function readNoncurrentTransition(
  element: XmlElement,
  documents: LifecycleDocuments,
): LifecycleRule['noncurrentTransitions'][number] {
  const children = childrenOf(element, { one: ['NoncurrentDays', 'NewerNoncurrentVersions', 'StorageClass'] })
  const days = children.one('NoncurrentDays')
  if (days === undefined) throw s3Error('MalformedXML')
  const what = "'NoncurrentDays' in NoncurrentVersionTransition action"
  return {
    noncurrentDays: atLeast(readNumber(days, documents.codes), 0, what),
    ...readNewer(children.one('NewerNoncurrentVersions'), documents),
    storageClass: readClass(children.one('StorageClass'), documents),
  }
}

function readNewer(
  element: XmlElement | undefined,
  { codes }: Pick<LifecycleDocuments, 'codes'>,
): Pick<NoncurrentDue, 'newerNoncurrentVersions'> {
  if (element === undefined) return {}
  return { newerNoncurrentVersions: atLeast(readNumber(element, codes), 1, "'NewerNoncurrentVersions'") }
}

function readClass(element: XmlElement | undefined, { codes, classes }: LifecycleDocuments): string {
  if (element === undefined) throw s3Error('MalformedXML')
  const storageClass = element.text.trim()
  if (classes.includes(storageClass)) return storageClass
  throw fault('unknown-class', codes, `Objects cannot be moved to the storage class '${storageClass}'`)
}

function readAbort(element: XmlElement | undefined, { codes }: LifecycleDocuments): number | undefined {
  if (element === undefined) return undefined
  const days = childrenOf(element, { one: ['DaysAfterInitiation'] }).one('DaysAfterInitiation')
  if (days === undefined) throw s3Error('MalformedXML')
  return atLeast(readNumber(days, codes), 1, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action")
}

/** One rule of an answer, its elements in RGW's order. */
export function ruleContent(rule: LifecycleRule, documents: LifecycleDocuments): XmlContent {
  const { expiration, noncurrentExpiration, abortIncompleteDays } = rule
  return {
    ID: rule.id,
    ...filterContent(rule, documents),
    Status: rule.enabled ? 'Enabled' : 'Disabled',
    Expiration:
      expiration === undefined
        ? undefined
        : { ...dueContent(expiration), ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker },
    NoncurrentVersionExpiration:
      noncurrentExpiration === undefined ? undefined : noncurrentContent(noncurrentExpiration),
    AbortIncompleteMultipartUpload:
      abortIncompleteDays === undefined ? undefined : { DaysAfterInitiation: abortIncompleteDays },
    Transition: rule.transitions.map((one) => ({ ...dueContent(one), StorageClass: one.storageClass })),
    NoncurrentVersionTransition: rule.noncurrentTransitions.map((one) => ({
      ...noncurrentContent(one),
      StorageClass: one.storageClass,
    })),
  }
}

function dueContent({ days, dateMs }: LifecycleDue): XmlContent {
  return { Days: days, Date: dateMs === undefined ? undefined : isoDate(dateMs) }
}

function noncurrentContent({ noncurrentDays, newerNoncurrentVersions }: NoncurrentDue): XmlContent {
  return { NewerNoncurrentVersions: newerNoncurrentVersions, NoncurrentDays: noncurrentDays }
}
