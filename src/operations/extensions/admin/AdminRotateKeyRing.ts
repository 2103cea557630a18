import { type RotationState, rotateKeys } from '../../../domain/encryption/rotation.ts'
import { systemClock } from '../../../lib/clock.ts'
import { keyRingAnswer } from '../../../s3/admin/key-ring.ts'
import type { Operation } from '../../operation.ts'

/**
 * `POST /admin/keyring?rotate`: a new master key. The answer comes at once; what was sealed before is sealed anew in
 * the background, and the bytes of objects stay as they are.
 */
export const AdminRotateKeyRing: Operation<undefined, RotationState> = {
  name: 'AdminRotateKeyRing',
  needs: () => [{ capability: 'zone', access: 'write' }],
  payload: 'none',
  read: () => undefined,
  run: ({ services }) => rotateKeys(services, systemClock.now()),
  write: (rotation, { head }) => keyRingAnswer(head, rotation),
}
