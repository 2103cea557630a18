import type { RotationState } from '../../domain/encryption/rotation.ts'
import type { RequestHead } from '../request.ts'
import type { WireResponse } from '../response.ts'
import { adminAnswer } from './value.ts'

/** What is told of the key ring: nothing of its keys but the name of a new one. */
export function keyRingAnswer(head: RequestHead, rotation: RotationState | undefined): WireResponse {
  if (rotation === undefined) return adminAnswer(head, 'keyring', { rotating: false })
  const { key, rotatedMs, renewed, renewedInAll, stuck } = rotation
  return adminAnswer(head, 'keyring', {
    rotating: true,
    key,
    since: new Date(rotatedMs).toISOString(),
    renewed: renewedInAll + renewed,
    stuck,
  })
}
