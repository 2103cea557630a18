import { KeyHistory } from './history.ts'

export const PLAIN_BUCKET = 'plain'
export const VERSIONED_BUCKET = 'versioned'

export interface WrittenVersion {
  readonly key: string
  readonly versionId: string
  readonly hash: string
}

/** An upload whose parts are all acknowledged and whose completion is not. */
export interface PendingUpload {
  readonly key: string
  readonly uploadId: string
  readonly document: string
  /** Of the whole object. */
  readonly hash: string
  /** Whether its completion has been asked for, and so may have happened. */
  isAsked: boolean
}

/** What the loader believes to be on the server. */
export class World {
  readonly #objects = new Map<string, KeyHistory>()
  /** Objects that nobody overwrites: what copies are made of. */
  readonly sources = new Map<string, Buffer>()
  /** The bytes of appendable objects as far as acknowledged. */
  readonly appended = new Map<string, Buffer>()
  /** Versions written since the last check, and before. */
  versions: WrittenVersion[] = []
  readonly checkedVersions: WrittenVersion[] = []
  uploads: PendingUpload[] = []
  acknowledged = 0

  object(key: string): KeyHistory {
    let history = this.#objects.get(key)
    if (history === undefined) {
      history = new KeyHistory()
      this.#objects.set(key, history)
    }
    return history
  }

  objects(): IterableIterator<[string, KeyHistory]> {
    return this.#objects.entries()
  }
}
