import { type RotationState, rotationState } from '../../../domain/encryption/rotation.ts'
import { keyRingAnswer } from '../../../s3/admin/key-ring.ts'
import type { Operation } from '../../operation.ts'

/** `GET /admin/keyring`: whether a rotation of the master key is still under way. */
export const AdminGetKeyRing: Operation<undefined, RotationState | undefined> = {
  name: 'AdminGetKeyRing',
  needs: () => [{ capability: 'zone', access: 'read' }],
  payload: 'none',
  read: () => undefined,
  run: ({ services }) => rotationState(services),
  write: (rotation, { head }) => keyRingAnswer(head, rotation),
}
