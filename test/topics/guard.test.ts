import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { type GuardSettings, NetworkGuard } from '../../src/topics/guard.ts'
import { PushFailed } from '../../src/topics/topic.ts'

const OPEN: GuardSettings = { allow: [], deny: [] }

/** A guard whose names mean these addresses. */
function resolving(addresses: readonly string[], settings = OPEN): NetworkGuard {
  const answer: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const lookup = (_name: string, _options: LookupAllOptions, callback: (error: null, found: LookupAddress[]) => void) =>
    callback(null, answer)
  return new NetworkGuard(settings, lookup as never)
}

function lookUp(guard: NetworkGuard, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    guard.lookup('name', { all }, (error, address) => (error === null ? resolve(address) : reject(error)))
  })
}

describe('addresses', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    '100.100.100.200',
    'no address',
    '',
  ])('%s is never permitted', (address) => {
    expect(new NetworkGuard(OPEN).permits(address)).toBe(false)
    expect(new NetworkGuard({ allow: ['0.0.0.0/0', '::/0'], deny: [] }).permits(address)).toBe(false)
  })

  it.each(['127.0.0.1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '::1', 'fd00:ec2::253', '8.8.8.8', '169.253.0.1'])(
    '%s is permitted unless somebody denies it',
    (address) => {
      expect(new NetworkGuard(OPEN).permits(address)).toBe(true)
      expect(new NetworkGuard({ allow: [], deny: [address] }).permits(address)).toBe(false)
      expect(new NetworkGuard({ allow: ['1.2.3.4'], deny: [] }).permits(address)).toBe(false)
      expect(new NetworkGuard({ allow: [address], deny: [] }).permits(address)).toBe(true)
    },
  )

  it.each(['0.0.0.0', '::', '::ffff:0.0.0.0'])('%s is the machine itself', (address) => {
    expect(new NetworkGuard(OPEN).permits(address)).toBe(true)
    for (const own of ['127.0.0.0/8', '::1']) {
      expect(new NetworkGuard({ allow: [], deny: [own] }).permits(address)).toBe(false)
    }
    expect(new NetworkGuard({ allow: ['10.0.0.0/8'], deny: [] }).permits(address)).toBe(false)
  })

  it('are denied even where they are allowed', () => {
    const guard = new NetworkGuard({ allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] })
    expect(['10.1.2.3', '10.2.2.3', '::ffff:10.1.2.3'].map((address) => guard.permits(address))).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe('hosts', () => {
  it('are refused when they are an address that is', () => {
    const guard = new NetworkGuard(OPEN)
    expect(() => guard.assertHost('169.254.169.254')).toThrow(PushFailed)
    expect(() => guard.assertHost('[fe80::1]')).toThrow(PushFailed)
    // What a name means is seen when it is looked up.
    expect(() => guard.assertHost('metadata.internal')).not.toThrow()
    expect(() => guard.assertHost('127.0.0.1')).not.toThrow()
  })

  it('are looked up to their permitted addresses', async () => {
    const guard = resolving(['169.254.169.254', '10.0.0.1', 'fe80::1', '::1'])
    expect(await lookUp(guard, true)).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
    expect(await lookUp(guard, false)).toBe('10.0.0.1')
  })

  it('are asked for once, however many wait for the answer', async () => {
    const questions: string[] = []
    const answers: (() => void)[] = []
    const lookup = (
      name: string,
      _options: LookupAllOptions,
      callback: (error: null, found: LookupAddress[]) => void,
    ) => {
      questions.push(name)
      answers.push(() => callback(null, [{ address: '10.0.0.1', family: 4 }]))
    }
    const guard = new NetworkGuard(OPEN, lookup as never)
    const answerAll = () => {
      for (const answer of answers.splice(0)) answer()
    }
    const first = [lookUp(guard, false), lookUp(guard, true)]
    answerAll()
    expect(await Promise.all(first)).toEqual(['10.0.0.1', [{ address: '10.0.0.1', family: 4 }]])
    const second = lookUp(guard, false)
    answerAll()
    expect(await second).toBe('10.0.0.1')
    expect(questions).toEqual(['name', 'name'])
  })

  it('are refused when none is', async () => {
    await expect(lookUp(resolving(['169.254.169.254']), true)).rejects.toMatchObject({ reason: 'forbidden' })
    await expect(lookUp(resolving([]), false)).rejects.toMatchObject({ reason: 'forbidden' })
    await expect(lookUp(resolving(['169.254.169.253', '10.0.0.1']), false)).resolves.toBe('10.0.0.1')
  })
})
