import type { TestRequest, TestResponse, TestServer } from './server.ts'

export const ALL_EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']

export interface TestNotification {
  readonly id?: string
  readonly arn: string
  readonly events?: readonly string[]
  readonly filter?: string
}

/** A TopicConfiguration. */
export function notificationXml({ id, arn, events = ALL_EVENTS, filter = '' }: TestNotification): string {
  const idElement = id === undefined ? '' : `<Id>${id}</Id>`
  const eventElements = events.map((event) => `<Event>${event}</Event>`).join('')
  return `<TopicConfiguration>${idElement}<Topic>${arn}</Topic>${eventElements}${filter}</TopicConfiguration>`
}

/** A Filter of the key. */
export function keyFilter(rules: Readonly<Record<string, string>>): string {
  const elements = Object.entries(rules).map(
    ([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`,
  )
  return `<Filter><S3Key>${elements.join('')}</S3Key></Filter>`
}

/** Sends a NotificationConfiguration with this in it. */
export function putNotifications(
  server: TestServer,
  bucket: string,
  request: TestRequest & { inside: string },
): Promise<TestResponse> {
  const { inside, ...rest } = request
  const body = `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</NotificationConfiguration>`
  return server.request('PUT', `/${bucket}`, { query: { notification: undefined }, body, ...rest })
}

export function getNotifications(server: TestServer, bucket: string, request: TestRequest = {}): Promise<TestResponse> {
  return server.request('GET', `/${bucket}`, { query: { notification: undefined }, ...request })
}
