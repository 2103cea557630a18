import type { Counts } from '../../src/domain/lifecycle/apply.ts'
import { type LifecycleState, stateName } from '../../src/domain/lifecycle/state.ts'
import { untold } from '../../src/domain/notifications/teller.ts'
import type { Services } from '../../src/domain/services.ts'
import { writeVersion } from '../../src/domain/versions/write.ts'
import { type LifecycleJob, lifecycle } from '../../src/jobs/lifecycle.ts'
import type { BucketRow, NewVersion, ObjectAttributes, Versioning } from '../../src/storage/metadata/rows.ts'
import type { LifecycleRule } from '../../src/storage/metadata/settings.ts'
import { newConfiguration } from './lifecycle.ts'
import { newBucket, newVersion } from './rows.ts'
import { openServices, type TestServices } from './services.ts'

const DAY_MS = 86_400_000
const signal = new AbortController().signal

/** Buckets with rules, a clock that a test moves, and the job, without a server. */
export class LifecycleWorld {
  services: TestServices
  job: LifecycleJob
  /** Keys that could not be moved. */
  readonly failures: string[] = []
  #names = 0

  private constructor(services: TestServices) {
    this.services = services
    this.job = this.newJob()
  }

  /** On a morning. These classes have folders of their own. */
  static async open(ownFolders: readonly string[] = []): Promise<LifecycleWorld> {
    const services = await openServices({}, ownFolders)
    services.clock.nowMs += 10 * 3_600_000
    return new LifecycleWorld(services)
  }

  /** What the job had in memory is gone; or it works with other services. */
  restart(change: Partial<Services> = {}): void {
    this.services = { ...this.services, ...change, clock: this.services.clock }
    this.job = this.newJob()
  }

  newJob(): LifecycleJob {
    return lifecycle(this.services, {
      onFailure: ({ key }) => void this.failures.push(key),
    })
  }

  async makeBucket(rules: readonly LifecycleRule[], versioning: Versioning = 'off'): Promise<BucketRow> {
    this.#names += 1
    const name = `b${this.#names}`
    const objectLock = versioning !== 'off'
    await this.services.metadata.write((tx) => tx.buckets.insert(newBucket(name, { versioning, objectLock })))
    await this.setRules(name, rules)
    return await this.find(name)
  }

  async setRules(name: string, rules: readonly LifecycleRule[] | undefined): Promise<void> {
    const { id } = await this.find(name)
    const value = rules === undefined ? undefined : newConfiguration(rules, { putMs: this.services.clock.now() })
    await this.services.metadata.write((tx) => tx.buckets.setSetting(id, 'lifecycle', value))
  }

  async find(name: string): Promise<BucketRow> {
    const row = await this.services.metadata.read((tx) => tx.buckets.find({ tenant: '', name }))
    if (row === undefined) throw new Error(`${name} is there`)
    return row
  }

  /** Writes versions as requests do, one after another. */
  async put(bucket: BucketRow, keys: readonly string[], change: Partial<NewVersion> = {}): Promise<void> {
    const { services } = this
    await services.metadata.write(async (tx) => {
      for (const key of keys) {
        const { bucketId: _b, versionId: _v, ...version } = newVersion(bucket.id, key, { ...change })
        const lastModifiedMs = change.lastModifiedMs ?? services.clock.now()
        const write = { services, bucket, conditions: {}, version: { ...version, lastModifiedMs } }
        await writeVersion(tx, { ...write, tell: untold, kind: 'created:put' })
      }
    })
  }

  async step(): Promise<Awaited<ReturnType<LifecycleJob['step']>>> {
    return await this.job.step(signal)
  }

  /** Steps until the job rests; how many it took. */
  async run(): Promise<number> {
    for (let steps = 1; ; steps++) if ((await this.step()) !== 'again') return steps
  }

  /** What is in the bucket: `key`, `key(old)`, `key(marker)`, with the class where it is not STANDARD. */
  async contents(bucket: BucketRow): Promise<string[]> {
    const range = { bucketId: bucket.id, prefix: '', from: undefined, olderThanId: undefined, limit: 10_000 }
    const rows = await this.services.metadata.read((tx) => tx.versions.listAll(range))
    return rows.map(({ key, kind, isLatest, storageClass }) => {
      const marks = [isLatest ? '' : 'old', kind === 'object' ? '' : 'marker', storageClass.replace('STANDARD', '')]
      const shown = marks.filter((mark) => mark !== '').join(' ')
      return shown === '' ? key : `${key}(${shown})`
    })
  }

  async state(bucket: BucketRow): Promise<LifecycleState | undefined> {
    return await this.services.metadata.read((tx) => tx.jobState.get<LifecycleState>(stateName(bucket.id)))
  }

  /** Of the last run, without zeros. */
  async lastCounts(bucket: BucketRow): Promise<Partial<Counts>> {
    const { startedMs: _s, endedMs: _e, ...counts } = (await this.state(bucket))?.last ?? { startedMs: 0, endedMs: 0 }
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))
  }

  advance(days: number): void {
    this.services.clock.nowMs += days * DAY_MS
  }
}

export function attributes(change: Partial<ObjectAttributes>): ObjectAttributes {
  return { contentType: undefined, metadata: {}, tags: [], acl: 'private', ...change }
}
