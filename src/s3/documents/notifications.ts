import type { RequestedNotification } from '../../domain/notifications/configure.ts'
import { DEFAULT_EVENTS, type EventVocabulary, readEvent } from '../../domain/notifications/events.ts'
import type { NotificationRules } from '../../domain/notifications/rules.ts'
import { type S3Error, s3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { Notification } from '../../storage/metadata/settings.ts'
import { buildDocument, S3_NAMESPACE, type XmlContent } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'
import { filterElement, readFilter } from './notification-filter.ts'

/** How a dialect reads and prints NotificationConfiguration. */
export interface NotificationDocuments extends NotificationRules {
  /** The names of events that it knows. */
  readonly vocabulary: EventVocabulary
  /** AWS makes an id up where there is none; RGW refuses that (recorded: notification.put.no_id). */
  readonly newId: ((ids: IdSource) => string) | undefined
  /** Whether no event at all means those of DEFAULT_EVENTS, as in RGW (recorded: notification.put.no_event). */
  readonly defaultEvents: boolean
  /** Whether a configuration without any notification removes all. RGW 16.2 refuses it (recorded: put.empty_config). */
  readonly emptyRemovesAll: boolean
  /** No body at all (recorded: notification.put.empty_body). */
  readonly noBody: 'InvalidArgument' | 'MalformedXML'
  /** Whether QueueConfiguration is known, whose queues are topics here. */
  readonly knowsQueues: boolean
  /** RGW's filter names are in lower case, and others malformed; AWS reads any case, and calls others invalid. */
  readonly filterNames: 'exact' | 'any-case'
  /** RGW's answer has neither a declaration nor a namespace (recorded: notification.get). */
  readonly isBare: boolean
}

/** S3's documented length of an id, in characters. */
const ID_LENGTH_MAX = 255

const ARN_ELEMENTS = { TopicConfiguration: 'Topic', QueueConfiguration: 'Queue' } as const

/**
 * NotificationConfiguration: its notifications in their order. An id that is to be made up is empty.
 * @throws S3Error MalformedXML; InvalidArgument for an event that there is not, and for filters; NotImplemented for
 *   functions, event buses, and for queues where the dialect does not know them
 */
export function readNotifications(document: Buffer, rules: NotificationDocuments): readonly RequestedNotification[] {
  if (document.length === 0) throw s3Error(rules.noBody)
  const elements = parseDocument(document, 'NotificationConfiguration').children()
  if (elements.length === 0 && !rules.emptyRemovesAll) throw s3Error('MalformedXML')
  return elements.map((element) => readOne(element, rules))
}

function readOne(element: XmlElement, rules: NotificationDocuments): RequestedNotification {
  const { name } = element
  if (!Object.hasOwn(ARN_ELEMENTS, name) || (name === 'QueueConfiguration' && !rules.knowsQueues)) {
    throw unserved(name)
  }
  const kind = name as keyof typeof ARN_ELEMENTS
  const known = ['Id', ARN_ELEMENTS[kind], 'Event', 'Filter']
  if (element.children().some((child) => !known.includes(child.name))) throw s3Error('MalformedXML')
  const [id = '', arn = ''] = [single(element, 'Id'), single(element, ARN_ELEMENTS[kind])]
  if (arn === '') throw missing(ARN_ELEMENTS[kind])
  // Clients of AWS leave it out, where it is made up for them.
  if (id === '' && rules.newId === undefined) throw missing('Id')
  if (id.length > ID_LENGTH_MAX) {
    throw s3Error(
      'InvalidArgument',
      { ArgumentName: 'Id' },
      { message: `An Id has at most ${ID_LENGTH_MAX} characters` },
    )
  }
  const events = element.children('Event').map(({ text }) => readOneEvent(text.trim(), rules))
  if (events.length === 0 && !rules.defaultEvents) throw s3Error('MalformedXML')
  const filters = element.children('Filter')
  if (filters.length > 1) throw s3Error('MalformedXML')
  const filter = filters[0] === undefined ? undefined : readFilter(filters[0], rules.filterNames)
  return {
    id,
    arn,
    element: kind,
    events: events.length === 0 ? DEFAULT_EVENTS : [...new Set(events)],
    ...(filter === undefined ? {} : { filter }),
  }
}

/** The code is RGW's (recorded: notification.put.no_id). */
function missing(element: string): S3Error {
  return s3Error('MalformedXML', {}, { message: `A notification needs the element ${element}` })
}

/** What is a destination to AWS, and not here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  CloudFunctionConfiguration: 'LambdaFunctionConfiguration',
  EventBridgeConfiguration: 'EventBridgeConfiguration',
  QueueConfiguration: 'QueueConfiguration',
}

function unserved(name: string): Error {
  if (!Object.hasOwn(ELSEWHERE, name)) return s3Error('MalformedXML')
  const message = `${ELSEWHERE[name]} (the element ${name}) is not implemented: events go to topics`
  return s3Error('NotImplemented', {}, { message })
}

function single(element: XmlElement, name: string): string | undefined {
  const [first, second] = element.children(name)
  if (second !== undefined) throw s3Error('MalformedXML')
  return first?.text.trim()
}

function readOneEvent(written: string, { vocabulary }: NotificationDocuments): string {
  const event = readEvent(written, vocabulary)
  if (event !== undefined) return event
  const message = `The event ${written} is not supported for notifications`
  throw s3Error('InvalidArgument', { ArgumentName: 'Event', ArgumentValue: written }, { message })
}

/** The answer of GetBucketNotificationConfiguration. */
export function notificationsDocument(
  notifications: readonly Notification[],
  { isBare }: Pick<NotificationDocuments, 'isBare'>,
): string {
  const of = (kind: keyof typeof ARN_ELEMENTS) =>
    notifications.filter(({ element }) => element === kind).map((one) => notificationElement(one, kind))
  const content = {
    TopicConfiguration: of('TopicConfiguration'),
    QueueConfiguration: of('QueueConfiguration'),
  }
  const namespace = isBare ? undefined : S3_NAMESPACE
  return buildDocument('NotificationConfiguration', content, { namespace, declaration: !isBare })
}

function notificationElement({ id, arn, events, filter }: Notification, kind: keyof typeof ARN_ELEMENTS): XmlContent {
  return { Id: id, [ARN_ELEMENTS[kind]]: arn, Filter: filterElement(filter), Event: events }
}
