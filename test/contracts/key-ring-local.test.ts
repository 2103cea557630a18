import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocalKeyRing } from '../../src/storage/keys/local.ts'
import { keyRingContract } from './key-ring.ts'

keyRingContract({
  name: 'local',
  open: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'cozos-key-ring-'))
    return {
      ring: openLocalKeyRing({ dir }),
      reopen: async (kms) => openLocalKeyRing(kms === undefined ? { dir } : { dir, kms }),
      dispose: () => rm(dir, { recursive: true }),
    }
  },
})
