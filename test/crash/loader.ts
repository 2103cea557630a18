import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { element } from '../support/multipart.ts'
import { type Answer, type Ask, type Client, sha256 } from './client.ts'
import type { Attempt } from './history.ts'
import type { Random } from './random.ts'
import { PART_BYTES_MIN } from './server-process.ts'
import { PLAIN_BUCKET, VERSIONED_BUCKET, type World } from './world.ts'

const WORKERS = 16
const KEYS_OF_WORKER = 6
const SHARED_KEYS = 6
/** Below and above what is kept inline (64 KiB). */
const SMALL_BYTES = 4000
const LARGE_BYTES = [70_000, 220_000] as const
/** An appendable object is begun anew beyond this. */
const APPENDED_BYTES_MAX = 200_000
/** Turns of the event loop between the last counted request and the kill: it hits at any place of a request. */
const KILL_TURNS_MAX = 20

export interface LoadOptions {
  readonly client: Client
  readonly world: World
  readonly random: Random
  /** Requests after which the server is killed. */
  readonly requests: number
  kill(): Promise<void>
}

/** Thrown into a worker whose request was never answered because the server is gone. */
class Unanswered extends Error {}

/** Writes from many sides at once until the server is killed, and records in the world what was acknowledged. */
export class Loader {
  readonly #options: LoadOptions
  #requests = 0
  #bodies = 0
  #isKilled = false
  #killing: Promise<void> | undefined

  constructor(options: LoadOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.#work(worker)))
    await this.#killing
  }

  async #work(worker: number): Promise<void> {
    const operations = [
      [() => this.#put(worker, SMALL_BYTES), 30],
      [() => this.#put(worker, this.#options.random.between(...LARGE_BYTES)), 15],
      [() => this.#delete(worker), 10],
      [() => this.#deleteMany(worker), 5],
      [() => this.#copy(worker), 10],
      [() => this.#multipart(worker), 12],
      [() => this.#append(worker), 10],
      [() => this.#putVersion(worker), 8],
    ] as const
    try {
      while (!this.#isKilled) await this.#options.random.pick(operations)()
    } catch (cause) {
      if (!(cause instanceof Unanswered)) throw cause
    }
  }

  async #put(worker: number, maxBytes: number): Promise<void> {
    const key = this.#anyKey(worker)
    const body = this.#body(this.#options.random.between(0, maxBytes))
    await this.#write([[key, sha256(body)]], { method: 'PUT', path: `/${PLAIN_BUCKET}/${key}`, body })
  }

  async #delete(worker: number): Promise<void> {
    const key = this.#anyKey(worker)
    await this.#write([[key, 'absent']], { method: 'DELETE', path: `/${PLAIN_BUCKET}/${key}` })
  }

  async #deleteMany(worker: number): Promise<void> {
    const keys = [0, 1, 2].map((number) => `w${worker}/k${number}`)
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')
    const body = `<Delete><Quiet>true</Quiet>${objects}</Delete>`
    const md5 = createHash('md5').update(body).digest('base64')
    const ask = { path: `/${PLAIN_BUCKET}`, query: { delete: undefined }, headers: { 'content-md5': md5 }, body }
    const answer = await this.#write(
      keys.map((key) => [key, 'absent']),
      { method: 'POST', ...ask },
    )
    if (answer.body.includes('<Error>')) throw new Error(`DeleteObjects answered ${answer.body}`)
  }

  async #copy(worker: number): Promise<void> {
    const [source, bytes] = this.#source()
    const key = this.#anyKey(worker)
    const headers = { 'x-amz-copy-source': `/${PLAIN_BUCKET}/${source}` }
    await this.#write([[key, sha256(bytes)]], { method: 'PUT', path: `/${PLAIN_BUCKET}/${key}`, headers })
  }

  async #append(worker: number): Promise<void> {
    const { world, random } = this.#options
    const key = `appended/${worker}`
    const path = `/${PLAIN_BUCKET}/${key}`
    const known = world.appended.get(key) ?? Buffer.alloc(0)
    if (known.length > APPENDED_BYTES_MAX) {
      world.appended.delete(key)
      await this.#write([[key, 'absent']], { method: 'DELETE', path })
      return
    }
    const body = this.#body(
      random.pick([
        [random.between(1, SMALL_BYTES), 3],
        [LARGE_BYTES[0], 1],
      ]),
    )
    const whole = Buffer.concat([known, body])
    const query = { append: undefined, position: String(known.length) }
    await this.#write([[key, sha256(whole)]], { method: 'PUT', path, query, body })
    world.appended.set(key, whole)
  }

  async #putVersion(worker: number): Promise<void> {
    const key = `k${worker % 4}`
    const body = this.#body(this.#options.random.between(0, 2 * LARGE_BYTES[0]))
    const answer = await this.#ask({ method: 'PUT', path: `/${VERSIONED_BUCKET}/${key}`, body })
    const versionId = String(answer.headers['x-amz-version-id'])
    this.#options.world.versions.push({ key, versionId, hash: sha256(body) })
    this.#options.world.acknowledged += 1
  }

  async #multipart(worker: number): Promise<void> {
    const { world, random } = this.#options
    // Keys of their own, so that completing an upload after the crash overwrites nothing else.
    const key = `multipart/${worker}`
    const path = `/${PLAIN_BUCKET}/${key}`
    const created = await this.#ask({ method: 'POST', path, query: { uploads: undefined } })
    const uploadId = element(created.body.toString(), 'UploadId')
    const pieces = [await this.#copiedPart({ path, uploadId })]
    for (const bytes of [random.between(...LARGE_BYTES), random.between(0, SMALL_BYTES)]) {
      pieces.push(await this.#sentPart({ path, uploadId, partNumber: pieces.length + 1, bytes }))
    }
    const listed = pieces.map(({ etag }, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    const document = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
    const hash = sha256(Buffer.concat(pieces.map(({ body }) => body)))
    const fate = random.pick([
      ['complete', 8],
      ['abort', 1],
      ['leave', 1],
    ])
    if (fate === 'abort') return void (await this.#ask({ method: 'DELETE', path, query: { uploadId } }))
    const upload = { key, uploadId, document, hash, isAsked: fate === 'complete' && !this.#isKilled }
    world.uploads.push(upload)
    if (fate === 'leave') return
    await this.#write([[key, hash]], { method: 'POST', path, query: { uploadId }, body: document })
    world.uploads = world.uploads.filter((pending) => pending !== upload)
  }

  async #sentPart(part: { path: string; uploadId: string; partNumber: number; bytes: number }) {
    const body = this.#body(part.bytes)
    const query = { partNumber: String(part.partNumber), uploadId: part.uploadId }
    const answer = await this.#ask({ method: 'PUT', path: part.path, query, body })
    return { body, etag: String(answer.headers.etag) }
  }

  async #copiedPart({ path, uploadId }: { path: string; uploadId: string }) {
    const [source, bytes] = this.#source()
    const first = this.#options.random.between(0, bytes.length - PART_BYTES_MIN)
    const last = this.#options.random.between(first + PART_BYTES_MIN - 1, bytes.length - 1)
    const range = { 'x-amz-copy-source-range': `bytes=${first}-${last}` }
    const headers = { 'x-amz-copy-source': `/${PLAIN_BUCKET}/${source}`, ...range }
    const answer = await this.#ask({ method: 'PUT', path, query: { partNumber: '1', uploadId }, headers })
    return { body: bytes.subarray(first, last + 1), etag: element(answer.body.toString(), 'ETag') }
  }

  /** A request that puts these keys into these states, recorded before it is sent and when it is answered. */
  async #write(changes: readonly (readonly [key: string, state: string])[], ask: Ask): Promise<Answer> {
    const { world } = this.#options
    if (this.#isKilled) throw new Unanswered()
    const begun = changes.map(([key, state]): [string, Attempt] => [key, world.object(key).begin(state)])
    const answer = await this.#ask(ask)
    for (const [key, attempt] of begun) world.object(key).acknowledge(attempt)
    world.acknowledged += 1
    return answer
  }

  async #ask(ask: Ask): Promise<Answer> {
    if (this.#isKilled) throw new Unanswered()
    this.#requests += 1
    if (this.#requests === this.#options.requests) this.#killing = this.#killSoon()
    const answer = await this.#options.client.send(ask).catch((cause: unknown) => {
      if (this.#isKilled) throw new Unanswered()
      throw cause
    })
    if (answer.status < 300) return answer
    throw new Error(`${ask.method} ${ask.path} answered ${answer.status}: ${answer.body}`)
  }

  async #killSoon(): Promise<void> {
    const turns = this.#options.random.between(0, KILL_TURNS_MAX)
    for (let turn = 0; turn < turns; turn += 1) await setImmediate()
    this.#isKilled = true
    await this.#options.kill()
  }

  /** Most writes go to keys of the worker's own, some to keys that all write at the same time. */
  #anyKey(worker: number): string {
    const { random } = this.#options
    if (random.fraction() < 0.2) return `shared/${random.between(1, SHARED_KEYS)}`
    return `w${worker}/k${random.between(0, KEYS_OF_WORKER - 1)}`
  }

  #source(): [string, Buffer] {
    return this.#options.random.pick([...this.#options.world.sources].map((source) => [source, 1] as const))
  }

  /** Bytes that no other body has. */
  #body(bytes: number): Buffer {
    this.#bodies += 1
    const mark = `${this.#bodies} ${this.#options.random.fraction()} `
    return bytes === 0 ? Buffer.alloc(0) : Buffer.alloc(bytes, mark)
  }
}
