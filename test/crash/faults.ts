import type { Services } from '../../src/domain/services.ts'
import type { ChunkStores } from '../../src/storage/chunks/store.ts'
import type { MetadataStore, WriteTransaction } from '../../src/storage/metadata/store.ts'
import { UncertainCommit } from '../../src/storage/metadata/store.ts'

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
}

/** Counts the calls that pass the ports, and fails one of them. */
export class Faults {
  #left = Number.POSITIVE_INFINITY
  /** The call that was failed since the last `arm`. */
  failed: string | undefined

  /** The n-th call from now on fails, the first being 1. */
  arm(call: number): void {
    this.#left = call
    this.failed = undefined
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY
  }

  step(name: string): void {
    this.#left -= 1
    if (this.#left !== 0) return
    this.failed = name
    throw new InjectedFault(name)
  }
}

/** The same services behind ports that may fail: before a transaction, at each call in it, and around a chunk. */
export function withFaults(services: Services, faults: Faults): Services {
  return {
    ...services,
    metadata: faultyMetadata(services.metadata, faults),
    chunks: faultyChunks(services.chunks, faults),
  }
}

/** A store whose commits all succeed and are all answered as uncertain. */
export function withUncertainCommits(services: Services): Services {
  const { metadata } = services
  const write: MetadataStore['write'] = async (work) => {
    await metadata.write(work)
    throw new UncertainCommit(new InjectedFault('sync'))
  }
  return { ...services, metadata: { ...forwarding(metadata), write } }
}

/** A store that runs each transaction twice, as the port allows: what the first run did is undone. */
export function withSecondRuns(services: Services): Services {
  const { metadata } = services
  const write: MetadataStore['write'] = async (work) => {
    const undone = metadata.write(async (tx) => {
      await work(tx)
      throw new InjectedFault('undone')
    })
    await undone.catch((cause: unknown) => {
      if (!(cause instanceof InjectedFault)) throw cause
    })
    return await metadata.write(work)
  }
  const read: MetadataStore['read'] = async (work) => {
    await metadata.read(work)
    return await metadata.read(work)
  }
  return { ...services, metadata: { ...forwarding(metadata), read, write } }
}

function forwarding(metadata: MetadataStore): MetadataStore {
  return {
    read: (work) => metadata.read(work),
    write: (work) => metadata.write(work),
    stats: () => metadata.stats(),
    close: () => metadata.close(),
  }
}

function faultyMetadata(metadata: MetadataStore, faults: Faults): MetadataStore {
  return {
    ...forwarding(metadata),
    async read(work) {
      faults.step('read')
      return await metadata.read((tx) => work(faultyTables(tx, faults)))
    },
    async write(work) {
      faults.step('write')
      return await metadata.write((tx) => work(faultyTables(tx as WriteTransaction, faults)))
    },
  }
}

function faultyTables<T extends object>(tx: T, faults: Faults): T {
  return new Proxy(tx, {
    get: (target, name) => faulty(Reflect.get(target, name) as object, { name: String(name), faults }),
  })
}

function faulty<T extends object>(target: T, { name, faults }: { name: string; faults: Faults }): T {
  return new Proxy(target, {
    get(_target, property) {
      const method: unknown = Reflect.get(target, property)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        faults.step(`${name}.${String(property)}`)
        return await method.apply(target, args)
      }
    },
  })
}

function faultyChunks(chunks: ChunkStores, faults: Faults): ChunkStores {
  return {
    isDivided: chunks.isDivided,
    storeOf: (storageClass) => chunks.storeOf(storageClass),
    async put(file, source, options) {
      faults.step('chunks.put')
      return await chunks.put(file, failing(source, faults), options)
    },
    read: (file, range, options) => chunks.read(file, range, options),
    lend: (file, range, options) => chunks.lend(file, range, options),
    async remove(files) {
      faults.step('chunks.remove')
      await chunks.remove(files)
    },
    list: () => chunks.list(),
    verify: (file, sizeBytes, range) => chunks.verify(file, sizeBytes, range),
    close: () => chunks.close(),
  }
}

/** Fails behind the first piece, when a part of the file has been written. */
async function* failing(source: AsyncIterable<Buffer>, faults: Faults): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const piece of source) {
    yield piece
    if (isFirst) faults.step('chunks.put, midway')
    isFirst = false
  }
}
