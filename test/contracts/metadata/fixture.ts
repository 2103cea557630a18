import { afterEach, beforeEach } from 'vitest'
import type { NewBucket, NewVersion, ReadSegment, VersionRow } from '../../../src/storage/metadata/rows.ts'
import type { MetadataStore, WriteTransaction } from '../../../src/storage/metadata/store.ts'
import { newBucket } from '../../support/rows.ts'

/** One place that an engine keeps its data in, which can be opened again after it was closed. */
export interface MetadataPlace {
  open(): Promise<MetadataStore>
  remove(): Promise<void>
}

export type MakePlace = () => Promise<MetadataPlace>

export interface Fixture {
  readonly store: MetadataStore
  /** Closes the store and opens the same place. */
  reopen(): Promise<MetadataStore>
}

/** A store of its own for each test. */
export function useStore(makePlace: MakePlace): Fixture {
  let place: MetadataPlace
  let store: MetadataStore
  beforeEach(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterEach(async () => {
    await store.close()
    await place.remove()
  })
  return {
    get store() {
      return store
    },
    async reopen() {
      await store.close()
      store = await place.open()
      return store
    },
  }
}

export async function makeBucket(store: MetadataStore, change: Partial<NewBucket> = {}): Promise<number> {
  const row = await store.write((tx) => tx.buckets.insert(newBucket('bucket', change)))
  return row.id
}

/** The bytes of a manifest as text; a file's segment as `<name:offset+length>`, a sealed one's in braces. */
export async function contents(store: MetadataStore, manifestId: number, range?: [number, number]): Promise<string> {
  const [offsetBytes, lengthBytes] = range ?? [0, Number.MAX_SAFE_INTEGER / 2]
  const segments = await store.read((tx) =>
    tx.manifests.segments(manifestId, { offsetBytes, lengthBytes, limit: 1000 }),
  )
  return segments.map(shown).join('')
}

function shown(part: ReadSegment): string {
  if (part.place === 'inline') return part.bytes.toString()
  const range = `${part.offsetBytes}+${part.lengthBytes}`
  if (part.place === 'file') return `<${part.name}:${range}>`
  const { stored } = part
  return `{${stored.place === 'inline' ? stored.bytes.toString() : stored.name}:${range}}`
}

export function createText(tx: WriteTransaction, ...texts: string[]): Promise<number> {
  return tx.manifests.create(texts.map((text) => ({ place: 'inline', bytes: Buffer.from(text) })))
}

export async function putObject(store: MetadataStore, version: NewVersion): Promise<VersionRow> {
  return store.write((tx) => tx.versions.insert(version))
}

/** Takes everything apart that is garbage, as the collector does, and returns the files that are doomed now. */
export async function collectAll(store: MetadataStore, nowMs: number, pinned: number[] = []): Promise<string[]> {
  const step = { nowMs, pinned: new Set(pinned), limit: 3 }
  while ((await store.write((tx) => tx.garbage.collect(step))) > 0);
  const doomed = await store.read((tx) => tx.garbage.doomedFiles(1000))
  return doomed.map(({ name }) => name)
}
