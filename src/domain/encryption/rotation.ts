import type { Services } from '../services.ts'

/** A rotation of the master key that has not come to its end: as the job that follows it keeps it. */
export interface RotationState {
  /** The key ring's name for the new key. */
  readonly key: string
  /** When it was made, in real time. */
  readonly rotatedMs: number
  /** Where the walk over what is sealed has come to. */
  readonly phase: 'chunks' | 'secrets'
  readonly afterChunk: number
  /** What this walk has sealed anew, and what it could not. */
  readonly renewed: number
  readonly stuck: number
  /** What all walks have sealed anew. */
  readonly renewedInAll: number
}

export const ROTATION = 'keys/rotation'

/** What of the services this needs. */
type RotatingServices = Pick<Services, 'keyRing' | 'metadata'>

type Rotated = Pick<RotationState, 'key' | 'rotatedMs' | 'renewedInAll'>

/** A walk from its beginning. */
export function newWalk({ key, rotatedMs, renewedInAll }: Rotated): RotationState {
  return { key, rotatedMs, phase: 'chunks', afterChunk: 0, renewed: 0, stuck: 0, renewedInAll }
}

/**
 * Makes a new master key: what is sealed from now on is sealed with it, and a job seals anew what was sealed before;
 * the bytes of objects stay as they are. A rotation before this one that has not ended ends with it.
 */
export async function rotateKeys({ keyRing, metadata }: RotatingServices, realNowMs: number): Promise<RotationState> {
  const key = await keyRing.rotate()
  const state = newWalk({ key, rotatedMs: realNowMs, renewedInAll: 0 })
  await metadata.write((tx) => tx.jobState.set(ROTATION, state))
  return state
}

/** Undefined where every rotation has come to its end. */
export function rotationState({ metadata }: Pick<Services, 'metadata'>): Promise<RotationState | undefined> {
  return metadata.read((tx) => tx.jobState.get<RotationState>(ROTATION))
}
