import { openVaultKeyRing } from '../../src/storage/keys/vault.ts'
import { startTransit } from '../support/transit.ts'
import { keyRingContract } from './key-ring.ts'

keyRingContract({
  name: 'vault',
  open: async () => {
    const transit = await startTransit()
    const { address, token } = transit
    const settings = { address, token: () => token, mount: 'transit', namespace: undefined, timeoutMs: 5_000 }
    const reopen = (kms = { keys: [], autoCreate: true }) => openVaultKeyRing({ ...settings, key: 'cozos', kms })
    return { ring: await reopen(), reopen, dispose: () => transit.close() }
  },
})
