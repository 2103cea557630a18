import { describe, expect, it } from 'vitest'
import {
  addCapabilities,
  type Capabilities,
  formatCapabilities,
  hasCapability,
  parseCapabilities,
  removeCapabilities,
} from '../../src/config/capabilities.ts'

function caps(text: string): Capabilities {
  const parsed = parseCapabilities(text)
  if (parsed === undefined) throw new Error(`${text} is sound`)
  return parsed
}

describe('parseCapabilities', () => {
  it.each([
    ['', ''],
    ['users=*', 'users=*'],
    ['users=read', 'users=read'],
    // The admin guide's own spellings.
    ['usage=read, write; users=read', 'usage=*;users=read'],
    ['usage=read,write;users=*', 'usage=*;users=*'],
    ['buckets = read ; ', 'buckets=read'],
    ['users=read;users=write', 'users=*'],
    ['users=read;buckets=*;amz-cache=write', 'amz-cache=write;buckets=*;users=read'],
    ['users=read|write', 'users=*'],
  ])('reads %j as %j', (text, normal) => {
    expect(formatCapabilities(caps(text))).toBe(normal)
    expect(formatCapabilities(caps(normal))).toBe(normal)
  })

  it.each(['users', 'users=', 'users=all', 'frobs=read', '=read', 'users=read;frobs=*', 'Users=read', 'users=read=x'])(
    'refuses %j',
    (text) => {
      expect(parseCapabilities(text)).toBeUndefined()
    },
  )
})

describe('capabilities', () => {
  it.each([
    ['', 'users=read', 'users=read'],
    ['users=read', 'users=write', 'users=*'],
    ['users=*', 'users=read', 'users=*'],
    ['users=read', 'buckets=write', 'buckets=write;users=read'],
  ])('of %j and %j are %j', (to, added, sum) => {
    expect(formatCapabilities(addCapabilities(caps(to), caps(added)))).toBe(sum)
  })

  it.each([
    ['users=*', 'users=read', 'users=write'],
    ['users=*', 'users=write', 'users=read'],
    ['users=*', 'users=*', ''],
    ['users=read', 'users=*', ''],
    ['users=read', 'users=write', 'users=read'],
    ['users=read', 'buckets=read', 'users=read'],
  ])('of %j without %j are %j', (from, removed, rest) => {
    expect(formatCapabilities(removeCapabilities(caps(from), caps(removed)))).toBe(rest)
  })

  it('grant what they name', () => {
    const some = caps('users=*;buckets=read;usage=write')
    const asked = (['users', 'buckets', 'usage', 'info'] as const).map((name) => [
      hasCapability(some, name, 'read'),
      hasCapability(some, name, 'write'),
    ])
    expect(asked).toEqual([
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ])
  })
})
