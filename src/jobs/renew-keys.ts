import { openSecret, sealSecret, storedUsers } from '../domain/accounts/load.ts'
import { renewWrapping } from '../domain/encryption/data-key.ts'
import { newWalk, ROTATION, type RotationState, rotationState } from '../domain/encryption/rotation.ts'
import type { Services } from '../domain/services.ts'
import { renewTopics } from '../domain/topics/renew.ts'
import { S3Error } from '../errors.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { CorruptChunk } from '../storage/chunks/store.ts'
import { SealBroken } from '../storage/keys/key-ring.ts'
import type { KeyRow, SealedChunk } from '../storage/metadata/rows.ts'
import type { WriteTransaction } from '../storage/metadata/store.ts'
import type { Job, NextStep } from './job.ts'

/** Wrapped keys that one transaction replaces: small enough that a PUT never waits long for the writer. */
export const RENEW_BATCH = 200
/**
 * What was sealed with an old key just before the rotation may have been committed just behind the walk. So there is
 * another walk when that is long over: a body's key is wrapped anew when it has come in (domain/bytes/receive.ts), and
 * from there to the commit are moments. Real time.
 */
export const SETTLE_MS = 60 * 60 * 1000

export interface RenewKeysOptions {
  /** Something sealed does not open, so that the old keys cannot go: its id, and the reason. */
  onStuck(stuck: { what: string; cause: unknown }): void
  /** Real time, which the domain's clock may have left. */
  readonly realClock?: Clock
}

/** What of the services this needs. */
type RenewingServices = Pick<Services, 'keyRing' | 'metadata'>

/**
 * After a rotation of the master key: seals anew what was sealed with keys before it, chunk by chunk, user by user and
 * topic by topic, and has the ring forget those keys when a whole walk has found nothing any more. What a walk has done
 * is in tables, and where it is too.
 */
export function renewKeys(services: RenewingServices, options: RenewKeysOptions): Job {
  const realClock = options.realClock ?? systemClock
  const renewer = new Renewer(services, { ...options, realClock, startedMs: realClock.now() })
  return { name: 'renew-keys', step: () => renewer.step() }
}

interface RenewerOptions extends RenewKeysOptions {
  readonly realClock: Clock
  /** Whoever sealed something before this process began has ended with the one before. */
  readonly startedMs: number
}

class Renewer {
  readonly #services: RenewingServices
  readonly #options: RenewerOptions

  constructor(services: RenewingServices, options: RenewerOptions) {
    this.#services = services
    this.#options = options
  }

  async step(): Promise<NextStep> {
    const state = await rotationState(this.#services)
    if (state === undefined) return 'idle'
    return state.phase === 'chunks' ? await this.#renewChunks(state) : await this.#renewSecrets(state)
  }

  async #renewChunks(state: RotationState): Promise<NextStep> {
    const { metadata, keyRing } = this.#services
    const chunks = await metadata.read((tx) => tx.chunks.sealed({ afterId: state.afterChunk, limit: RENEW_BATCH }))
    const changes: { chunk: SealedChunk; newKey: Buffer }[] = []
    let stuck = 0
    for (const chunk of chunks) {
      try {
        const newKey = await renewWrapping(keyRing, chunk.sealedKey)
        if (newKey !== undefined) changes.push({ chunk, newKey })
      } catch (cause) {
        this.#tellStuck(`chunk ${chunk.id}`, cause)
        stuck += 1
      }
    }
    const isLast = chunks.length < RENEW_BATCH
    await this.#advance(state, {
      next: { phase: isLast ? 'secrets' : 'chunks', afterChunk: chunks.at(-1)?.id ?? state.afterChunk },
      stuck,
      renew: async (tx) => {
        for (const { chunk, newKey } of changes) await tx.chunks.setSealedKey(chunk.id, chunk.sealedKey, newKey)
      },
      renewed: changes.length,
    })
    return 'again'
  }

  /** Users and topics are few beside chunks: all of them are one step. */
  async #renewSecrets(state: RotationState): Promise<NextStep> {
    const { keyRing, metadata } = this.#services
    let { renewed, stuck } = state
    for await (const { keys } of storedUsers(metadata)) {
      for (const row of keys) {
        if (await keyRing.isCurrent(row.sealedSecret)) continue
        if (await this.#renewSecret(row)) renewed += 1
        else stuck += 1
      }
    }
    const topics = await renewTopics(this.#services, this.#options.onStuck)
    return await this.#endWalk({ ...state, renewed: renewed + topics.renewed, stuck: stuck + topics.stuck })
  }

  async #renewSecret(row: KeyRow): Promise<boolean> {
    const { keyRing, metadata } = this.#services
    const secretKey = await openSecret(keyRing, row)
    if (secretKey === undefined) {
      this.#options.onStuck({ what: `access key ${row.accessKey}`, cause: undefined })
      return false
    }
    const sealedSecret = await sealSecret(keyRing, { accessKey: row.accessKey, secretKey })
    await metadata.write(async (tx) => {
      // It may have been given another secret meanwhile, or have been removed.
      const present = await tx.users.key(row.accessKey)
      if (present?.sealedSecret.equals(row.sealedSecret) === true) await tx.users.putKey({ ...present, sealedSecret })
    })
    return true
  }

  async #endWalk(walk: RotationState): Promise<NextStep> {
    const { keyRing } = this.#services
    const { key, rotatedMs, renewed, stuck } = walk
    const leftMs = rotatedMs + SETTLE_MS - this.#options.realClock.now()
    const isSettled = leftMs <= 0 || rotatedMs < this.#options.startedMs
    if (renewed === 0 && stuck === 0 && isSettled) {
      await keyRing.forgetOthers(key)
      await this.#replace(walk, undefined)
      return 'idle'
    }
    await this.#replace(walk, newWalk({ ...walk, renewedInAll: walk.renewedInAll + renewed }))
    if (stuck > 0) return { afterMs: SETTLE_MS }
    return isSettled ? 'again' : { afterMs: leftMs }
  }

  async #advance(
    state: RotationState,
    change: {
      readonly next: Pick<RotationState, 'phase' | 'afterChunk'>
      readonly renewed: number
      readonly stuck: number
      renew(tx: WriteTransaction): Promise<void>
    },
  ): Promise<void> {
    const { renewed, stuck } = state
    const next = { ...state, ...change.next, renewed: renewed + change.renewed, stuck: stuck + change.stuck }
    await this.#replace(state, next, change.renew)
  }

  /** Unless there has been another rotation meanwhile, whose walk is at its beginning. */
  async #replace(
    { key }: RotationState,
    next: RotationState | undefined,
    renew: (tx: WriteTransaction) => Promise<void> = async () => undefined,
  ): Promise<void> {
    await this.#services.metadata.write(async (tx) => {
      await renew(tx)
      const present = await tx.jobState.get<RotationState>(ROTATION)
      if (present?.key === key) await tx.jobState.set(ROTATION, next)
    })
  }

  /** A key that a client may not use now, or damage: both may be mended. Anything else the runner tries again. */
  #tellStuck(what: string, cause: unknown): void {
    const isRefused = cause instanceof S3Error && cause.status < 500
    if (!isRefused && !(cause instanceof SealBroken) && !(cause instanceof CorruptChunk)) throw cause
    this.#options.onStuck({ what, cause })
  }
}
