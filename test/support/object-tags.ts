import { createBucket, setVersioning, verdict } from './buckets.ts'
import type { TestRequest, TestServer } from './server.ts'

export const tagging = (...keys: readonly string[]): string =>
  `<Tagging><TagSet>${keys.map((key) => `<Tag><Key>${key}</Key><Value>v</Value></Tag>`).join('')}</TagSet></Tagging>`

/** Requests for the tags of one object, and a bucket in which it has versions. */
export class ObjectTags {
  readonly #server: TestServer
  readonly path: string

  constructor(server: TestServer, path: string) {
    this.#server = server
    this.path = path
  }

  /** The method and the version are as given; status and code of the answer. */
  async send(method: string, request: TestRequest & { versionId?: string } = {}): Promise<string> {
    return verdict(await this.answer(method, request))
  }

  answer(method: string, { versionId, ...request }: TestRequest & { versionId?: string } = {}) {
    const query = { tagging: undefined, ...(versionId === undefined ? {} : { versionId }) }
    return this.#server.request(method, this.path, { query, ...request })
  }

  /** The keys of the tags, in the order of the answer; status and code where it is an error. */
  async keys(versionId?: string): Promise<string> {
    const answer = await this.answer('GET', versionId === undefined ? {} : { versionId })
    if (answer.status !== 200) return verdict(answer)
    return [...answer.text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key).join(' ')
  }
}

/** An object in a bucket of its own. */
export async function taggedObject(server: TestServer, headers: Record<string, string> = {}): Promise<ObjectTags> {
  const path = `/${await createBucket(server)}/k`
  await server.request('PUT', path, { body: 'x', headers })
  return new ObjectTags(server, path)
}

export interface VersionedTags {
  readonly tags: ObjectTags
  /** Behind the null version, which was there before the versioning. */
  readonly older: string
  readonly latest: string
}

/** A key with the versions `null`, `older` and `latest`, each with a tag that is called as it. */
export async function versionedObject(server: TestServer): Promise<VersionedTags> {
  const tags = await taggedObject(server, { 'x-amz-tagging': 'null' })
  await setVersioning(server, tags.path.split('/')[1] ?? '', 'Enabled')
  const put = async (name: string): Promise<string> => {
    const { headers } = await server.request('PUT', tags.path, { body: 'x', headers: { 'x-amz-tagging': name } })
    return String(headers['x-amz-version-id'])
  }
  return { tags, older: await put('older'), latest: await put('latest') }
}
