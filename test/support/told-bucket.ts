import type { BucketVersioningStatus } from '@aws-sdk/client-s3'
import { setVersioning } from './buckets.ts'
import { control } from './control.ts'
import { notificationXml, putNotifications, type TestNotification } from './notifications.ts'
import { type TestServer, uniqueName } from './server.ts'
import { makeTopic } from './sns.ts'

export interface HeardRecord {
  readonly eventName: string
  readonly userIdentity: { readonly principalId: string }
  readonly requestParameters: { readonly sourceIPAddress: string }
  readonly s3: {
    readonly configurationId: string
    readonly bucket: { readonly name: string }
    readonly object: {
      readonly key: string
      readonly size?: number
      readonly eTag?: string
      readonly versionId?: string
      readonly sequencer: string
      readonly metadata?: readonly { key: string; val: string }[]
      readonly tags?: readonly { key: string; val: string }[]
    }
  }
}

export interface ListeningBucket {
  readonly name: string
  readonly arn: string
  /** What has come since the last time. */
  heard(): Promise<HeardRecord[]>
  /** Waits until so many have come since the last time. */
  heardAll(count: number): Promise<HeardRecord[]>
}

export interface ListeningBucketOptions extends Omit<TestNotification, 'arn'> {
  readonly versioning?: BucketVersioningStatus
  readonly attributes?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A bucket whose events go to an inbox of its own. */
export async function listeningBucket(
  server: TestServer,
  options: ListeningBucketOptions = {},
): Promise<ListeningBucket> {
  const { versioning, attributes, headers, ...notification } = options
  const name = uniqueName('told')
  const created = await server.request('PUT', `/${name}`, headers === undefined ? {} : { headers })
  if (created.status !== 200) throw new Error(created.text)
  if (versioning !== undefined) await setVersioning(server, name, versioning)
  const inbox = uniqueName('inbox')
  const arn = await makeTopic(server, {
    name: inbox,
    attributes: { 'push-endpoint': `inbox://${inbox}`, ...attributes },
  })
  const { status, text } = await putNotifications(server, name, {
    inside: notificationXml({ id: 'all', arn, ...notification }),
  })
  if (status !== 200) throw new Error(text)
  const take = async (path: string): Promise<HeardRecord[]> => {
    const { status, json } = await control(server, path)
    if (status === 404) return []
    if (status !== 200) throw new Error(JSON.stringify(json))
    await control(server, `inbox/${inbox}`, { method: 'DELETE' })
    return json.events.map(({ document }: { document: { Records: [HeardRecord] } }) => document.Records[0])
  }
  return {
    name,
    arn,
    heard: () => take(`inbox/${inbox}`),
    heardAll: (count) => take(`inbox/${inbox}/wait?count=${count}`),
  }
}

/** `ObjectCreated:Put key size etag version`, the empty ones as `-`. */
export function brief({ eventName, s3: { object } }: HeardRecord): string {
  const { key, size = '', eTag, versionId } = object
  return [eventName, key, size, eTag, versionId].map((one) => (one === '' || one === undefined ? '-' : one)).join(' ')
}
