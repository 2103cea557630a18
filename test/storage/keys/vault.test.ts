import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openVaultKeyRing, type VaultKeyRingOptions } from '../../../src/storage/keys/vault.ts'
import { startTransit, type Transit } from '../../support/transit.ts'

const MOUNT = 'secrets/transit'
const plain = Buffer.from('secret')

let transit: Transit
beforeEach(async () => {
  transit = await startTransit(MOUNT)
})
afterEach(() => transit.close())

function open(over: Partial<VaultKeyRingOptions> = {}) {
  return openVaultKeyRing({
    address: transit.address,
    token: () => transit.token,
    mount: MOUNT,
    namespace: undefined,
    timeoutMs: 5_000,
    retryDelayMs: 1,
    key: 'cozos',
    kms: { keys: [], autoCreate: true },
    ...over,
  })
}

const sent = () => transit.requests.map(({ method, path }) => `${method} ${path.replace(`/v1/${MOUNT}/`, '')}`)

describe('the key ring of a Vault', () => {
  it('makes its master key once', async () => {
    await open()
    expect(sent()).toEqual(['GET keys/cozos', 'POST keys/cozos'])
    await open()
    expect(sent().slice(2)).toEqual(['GET keys/cozos'])
  })

  it('sends its token and its namespace', async () => {
    const ring = await open({ namespace: 'team/a' })
    await ring.open(await ring.seal(plain, 'c'), 'c')
    const headers = transit.requests.map((request) => [
      request.headers['x-vault-token'],
      request.headers['x-vault-namespace'],
    ])
    expect(new Set(headers.map(String))).toEqual(new Set([`${transit.token},team/a`]))
    await (await open()).seal(plain, 'c')
    expect(transit.requests.at(-1)?.headers).not.toHaveProperty('x-vault-namespace')
  })

  it.each([
    ['sealed', 503],
    ['in trouble', 500],
    ['overrun', 429],
    ['gone in the middle', 'hang-up'],
  ] as const)('asks again where it is %s', async (_what, failure) => {
    const ring = await open()
    const sealed = await ring.seal(plain, 'c')
    transit.failures.push(failure, failure)
    expect((await ring.open(sealed, 'c')).toString()).toBe('secret')
    transit.failures.push(failure, failure, failure)
    await expect(ring.open(sealed, 'c')).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 })
    expect((await ring.open(sealed, 'c')).toString()).toBe('secret')
  })

  it('does not wait for an answer for ever', async () => {
    const ring = await open({ timeoutMs: 50 })
    transit.failures.push('silence', 'silence', 'silence')
    await expect(ring.seal(plain, 'c')).rejects.toMatchObject({ code: 'ServiceUnavailable' })
    expect((await ring.open(await ring.seal(plain, 'c'), 'c')).toString()).toBe('secret')
  })

  it('is unavailable while its token is none, whichever key is asked for', async () => {
    const ring = await open()
    const sealed = await ring.seal(plain, 'c', 'k')
    transit.tokenIsGood = false
    await expect(ring.seal(plain, 'c')).rejects.toMatchObject({ code: 'ServiceUnavailable' })
    await expect(ring.open(sealed, 'c', 'k')).rejects.toMatchObject({ code: 'ServiceUnavailable' })
    transit.tokenIsGood = true
    expect((await ring.open(sealed, 'c', 'k')).toString()).toBe('secret')
  })

  it('tells a client of a key that the token has no right to', async () => {
    const ring = await open()
    const sealed = await ring.seal(plain, 'c', 'k')
    transit.denied.add('k')
    await expect(ring.seal(plain, 'c', 'k')).rejects.toMatchObject({ reason: 'disabled', kmsKeyId: 'k' })
    await expect(ring.open(sealed, 'c', 'k')).rejects.toMatchObject({ reason: 'disabled' })
    await expect(ring.seal(plain, 'c', 'l')).resolves.toBeDefined()
  })

  it('makes keys of clients only where it is to', async () => {
    const strict = await open({ kms: { keys: [], autoCreate: false } })
    await expect(strict.seal(plain, 'c', 'k')).rejects.toMatchObject({ reason: 'missing' })
    expect([...transit.keys.keys()]).toEqual(['cozos'])
    transit.keys.set('k', [Buffer.alloc(32, 1)])
    expect((await strict.open(await strict.seal(plain, 'c', 'k'), 'c', 'k')).toString()).toBe('secret')
  })

  it('names keys of clients so that the engine takes them, and never the master key', async () => {
    const ring = await open()
    await ring.seal(plain, 'c', 'alias/team/mine')
    await ring.seal(plain, 'c', 'arn:aws:kms:r:a:key/1234-abcd')
    expect([...transit.keys.keys()]).toEqual(['cozos', 'team-mine', '1234-abcd'])
    for (const id of ['cozos', 'alias/cozos', '../../sys/seal', 'a?b', ' ', '']) {
      await expect(ring.seal(plain, 'c', id), id).rejects.toMatchObject({ reason: 'missing' })
    }
  })

  it('misses a key of clients that has been deleted', async () => {
    const ring = await open()
    const sealed = await ring.seal(plain, 'c', 'k')
    transit.keys.delete('k')
    await expect(ring.open(sealed, 'c', 'k')).rejects.toMatchObject({ reason: 'missing' })
  })

  it.each([
    ['nobody answers', { address: 'http://127.0.0.1:1' }],
    ['the token is none', { token: () => 'hvs.another-token' }],
    ['the engine is not there', { mount: 'elsewhere' }],
  ])('does not open where %s, and tells no secret', async (_what, over) => {
    const failed = open({ timeoutMs: 500, ...over })
    await expect(failed).rejects.toThrow(/^the key ring at http:\/\/127\.0\.0\.1:\d+ cannot be used: /)
    const text = await failed.catch((cause: Error) => [cause.stack, JSON.stringify(cause.cause)].join('\n'))
    expect(text).not.toContain('hvs.')
  })

  it('says of what it could not do neither token nor secret', async () => {
    const ring = await open()
    transit.failures.push(503, 503, 503)
    const cause = await ring.seal(Buffer.from('the-secret'), 'c').catch((error: Error) => error)
    const text = JSON.stringify(cause, Object.getOwnPropertyNames(cause)) + String((cause as Error).cause)
    expect(text).not.toContain('hvs.')
    expect(text).not.toContain(Buffer.from('the-secret').toString('base64'))
  })
})
