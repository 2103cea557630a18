import { sealedSize } from '../domain/bytes/seal.ts'
import type { Services } from '../domain/services.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { type ChunkFile, MissingChunk } from '../storage/chunks/store.ts'
import type { FileChunk } from '../storage/metadata/rows.ts'
import { DOOMED_FILES_BATCH } from './collect-garbage.ts'
import type { Job, NextStep } from './job.ts'

/** A chunk that is not what it should be: an operator has to look. */
export interface ScrubFinding {
  readonly name: string
  readonly cause: unknown
}

export interface ScrubOptions {
  onFinding(finding: ScrubFinding): void
  /** The time that files are stamped with. The domain's clock may be moved, and files do not move with it. */
  readonly fileClock?: Clock
  /** The time that spaces out the work: a disk is no faster for a domain's clock that is moved. */
  readonly paceClock?: Clock
}

/** What of the services this needs. */
type ScrubbingServices = Pick<Services, 'chunks' | 'metadata'>

/** Counts since the start of the process. */
export interface ScrubReport {
  rounds: number
  verifiedChunks: number
  verifiedBytes: number
  corruptChunks: number
  missingChunks: number
  removedOrphans: number
  /** When the last round ended, in milliseconds since the epoch. */
  lastRoundMs: number | undefined
}

export interface ScrubJob extends Job {
  report(): Readonly<ScrubReport>
}

/**
 * Files under their own name are complete, so one without a row belongs to a commit that failed, or to one that is in
 * flight. No commit takes an hour.
 */
export const ORPHAN_AGE_MS = 60 * 60 * 1000
/** Files that one step looks at for orphans. */
export const WALK_BATCH = 200
/** Bytes that one step verifies, and so the most that a request's read waits behind. */
export const STEP_BYTES = 8 * 1024 * 1024
/** The pause after each step: with STEP_BYTES it makes 8 MiB/s, a terabyte in a day and a half. */
export const STEP_PAUSE_MS = 1000
/** Starting up and the first requests have the disk to themselves. */
export const START_DELAY_MS = 10 * 60 * 1000
/** From the end of a round to the next: bits rot slowly. */
export const ROUND_PAUSE_MS = 24 * 60 * 60 * 1000

/**
 * Looks for files without rows, which it removes, and for rows whose files have gone bad, which it reports. Where it is
 * in a round lives in memory: after a restart the round begins again.
 */
export function scrub(services: ScrubbingServices, options: ScrubOptions): ScrubJob {
  return new Scrub(services, options)
}

/** How far a chunk that takes several steps has been read. */
interface UnderWay {
  readonly name: string
  readonly doneBytes: number
}

const NOTHING: UnderWay = { name: '', doneBytes: 0 }

type Phase =
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'orphans'; readonly files: AsyncIterator<ChunkFile & { modifiedMs: number }> }
  | { readonly kind: 'verifying'; readonly afterName: string; readonly underWay: UnderWay }

class Scrub implements ScrubJob {
  readonly name = 'scrub'
  readonly #services: ScrubbingServices
  readonly #options: ScrubOptions
  readonly #fileClock: Clock
  readonly #paceClock: Clock
  readonly #report: ScrubReport = {
    rounds: 0,
    verifiedChunks: 0,
    verifiedBytes: 0,
    corruptChunks: 0,
    missingChunks: 0,
    removedOrphans: 0,
    lastRoundMs: undefined,
  }
  #phase: Phase

  constructor(services: ScrubbingServices, options: ScrubOptions) {
    this.#services = services
    this.#options = options
    this.#fileClock = options.fileClock ?? systemClock
    this.#paceClock = options.paceClock ?? systemClock
    this.#phase = { kind: 'waiting', untilMs: this.#paceClock.now() + START_DELAY_MS }
  }

  report(): Readonly<ScrubReport> {
    return this.#report
  }

  async step(): Promise<NextStep> {
    if (this.#phase.kind === 'waiting') {
      const leftMs = this.#phase.untilMs - this.#paceClock.now()
      if (leftMs > 0) return { afterMs: leftMs }
      this.#phase = { kind: 'orphans', files: this.#services.chunks.list()[Symbol.asyncIterator]() }
    }
    this.#phase = this.#phase.kind === 'orphans' ? await this.#orphans(this.#phase) : await this.#verify(this.#phase)
    return { afterMs: this.#phase.kind === 'waiting' ? ROUND_PAUSE_MS : STEP_PAUSE_MS }
  }

  async #orphans(phase: Phase & { kind: 'orphans' }): Promise<Phase> {
    const oldest = this.#fileClock.now() - ORPHAN_AGE_MS
    const old: ChunkFile[] = []
    let ended = false
    for (let seen = 0; seen < WALK_BATCH && !ended; seen++) {
      const step = await phase.files.next()
      ended = step.done === true
      if (step.done !== true && step.value.modifiedMs <= oldest) old.push(step.value)
    }
    if (old.length > 0) {
      const known = await this.#services.metadata.read((tx) => tx.garbage.knownFiles(old.map(({ name }) => name)))
      const orphans = old.filter(({ name }) => !known.has(name))
      await this.#services.chunks.remove(orphans)
      this.#report.removedOrphans += orphans.length
    }
    return ended ? { kind: 'verifying', afterName: '', underWay: NOTHING } : phase
  }

  /** The next chunks, up to STEP_BYTES; a large one takes several steps. */
  async #verify(phase: Phase & { kind: 'verifying' }): Promise<Phase> {
    let { afterName, underWay } = phase
    for (let leftBytes = STEP_BYTES; leftBytes > 0; ) {
      const [chunk] = await this.#services.metadata.read((tx) => tx.garbage.files({ after: afterName, limit: 1 }))
      if (chunk === undefined) return this.#endRound()
      // The chunk that was under way may have been collected since.
      const offsetBytes = chunk.name === underWay.name ? underWay.doneBytes : 0
      const storedBytes = chunk.isSealed ? sealedSize(chunk.sizeBytes) : chunk.sizeBytes
      const lengthBytes = Math.min(leftBytes, storedBytes - offsetBytes)
      const isSound = await this.#verifyRange(chunk, { storedBytes, range: { offsetBytes, lengthBytes } })
      leftBytes -= Math.max(lengthBytes, 1)
      underWay = { name: chunk.name, doneBytes: offsetBytes + lengthBytes }
      if (isSound && underWay.doneBytes < storedBytes) continue
      this.#report.verifiedChunks += 1
      afterName = chunk.name
    }
    return { kind: 'verifying', afterName, underWay }
  }

  async #verifyRange(
    chunk: FileChunk,
    { storedBytes, range }: { storedBytes: number; range: { offsetBytes: number; lengthBytes: number } },
  ): Promise<boolean> {
    const { name } = chunk
    try {
      await this.#services.chunks.verify(chunk, storedBytes, range)
      this.#report.verifiedBytes += range.lengthBytes
      return true
    } catch (cause) {
      if (cause instanceof MissingChunk && (await this.#isBeingRemoved(name))) return false
      this.#report[cause instanceof MissingChunk ? 'missingChunks' : 'corruptChunks'] += 1
      this.#options.onFinding({ name, cause })
      return false
    }
  }

  /** Whether the collector took the file since the row was read, or is about to forget its row. */
  async #isBeingRemoved(name: string): Promise<boolean> {
    return this.#services.metadata.read(async (tx) => {
      const known = await tx.garbage.knownFiles([name])
      // The collector works on the first of these at a time.
      if (!known.has(name)) return true
      return (await tx.garbage.doomedFiles(DOOMED_FILES_BATCH)).some((doomed) => doomed.name === name)
    })
  }

  #endRound(): Phase {
    const nowMs = this.#paceClock.now()
    this.#report.rounds += 1
    this.#report.lastRoundMs = nowMs
    return { kind: 'waiting', untilMs: nowMs + ROUND_PAUSE_MS }
  }
}
