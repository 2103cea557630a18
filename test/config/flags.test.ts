import { describe, expect, it } from 'vitest'
import { HELP, readFlags } from '../../src/config/flags.ts'
import { ConfigError } from '../../src/config/reader.ts'

describe('readFlags', () => {
  it.each([
    [[], { command: 'start', file: undefined, settings: {} }],
    [['start', '--port', '0'], { command: 'start', settings: { server: { port: 0 } } }],
    [['--config', 'a.yaml', 'check-config'], { command: 'check-config', file: 'a.yaml' }],
    [['--admin-port=9', '--data-dir=/d'], { settings: { admin: { port: 9 }, dataDir: '/d' } }],
    [['--help'], { command: 'help' }],
    [['-v'], { command: 'version' }],
  ])('reads %j', (args, expected) => {
    expect(readFlags(args)).toMatchObject(expected)
  })

  it.each([[['--prot', '1']], [['serve']], [['start', 'twice']], [['--port']]])('refuses %j', (args) => {
    expect(() => readFlags(args)).toThrow(ConfigError)
  })

  it('says which flag is wrong, and where there is more', () => {
    expect(() => readFlags(['--prot', '1'])).toThrow(/^Unknown option '--prot'; see cozos --help$/)
    expect(() => readFlags(['--port'])).toThrow(/^Option '--port <value>' argument missing; see cozos --help$/)
  })

  it('is described by the help', () => {
    for (const flag of HELP.matchAll(/--[a-z-]+/g)) {
      const takesValue = !['--help', '--version'].includes(flag[0])
      expect(() => readFlags(takesValue ? [flag[0], '1'] : [flag[0]])).not.toThrow()
    }
  })
})
