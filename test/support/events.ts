import { control } from './control.ts'
import { notificationXml, putNotifications } from './notifications.ts'
import { type TestServer, uniqueName } from './server.ts'
import { makeTopic } from './sns.ts'

/** An event as an inbox or a receiver has it, as far as tests look at it. */
export interface SeenEvent {
  readonly event: string
  readonly bucket: string
  readonly key: string
  readonly sequencer: string
  readonly etag: string
}

/** What the document of an event says. */
export function seen(document: unknown): SeenEvent {
  const parsed = typeof document === 'string' ? JSON.parse(document) : document
  const [{ eventName: event, s3 }] = parsed.Records
  return { event, bucket: s3.bucket.name, key: s3.object.key, sequencer: s3.object.sequencer, etag: s3.object.eTag }
}

export interface ToldBucket {
  readonly bucket: string
  readonly topic: string
}

/** A bucket, and a topic of its own that hears of it. */
export async function makeTold(
  server: TestServer,
  endpoint: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<ToldBucket> {
  const [bucket, topic] = [uniqueName('told'), uniqueName('topic')]
  const arn = await makeTopic(server, { name: topic, attributes: { 'push-endpoint': endpoint, ...attributes } })
  await server.request('PUT', `/${bucket}`)
  const { status, text } = await putNotifications(server, bucket, { inside: notificationXml({ id: topic, arn }) })
  if (status !== 200) throw new Error(text)
  return { bucket, topic }
}

/** What an inbox has when there are so many events, or after a long time. */
export async function awaitInbox(server: TestServer, name: string, count: number): Promise<SeenEvent[]> {
  const query = `count=${count}&timeoutMs=20000`
  const { json } = await control(server, `inbox/${name}/wait?${query}`)
  return json.events.map((event: { document: unknown }) => seen(event.document))
}

/** What an inbox has now. */
export async function inbox(server: TestServer, name: string): Promise<SeenEvent[]> {
  const { json } = await control(server, `inbox/${name}`)
  return json.events.map((event: { document: unknown }) => seen(event.document))
}
