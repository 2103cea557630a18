import { expect, it } from 'vitest'
import { helpOf, runCommand } from '../../src/cli/nouns.ts'
import { useServer } from '../support/server.ts'

const server = useServer()

async function cozos(...args: string[]): Promise<string> {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  await runCommand([...args, '--admin-port', String(server().running.admin.port)], { env: {}, print })
  return printed
}

it('cozos keyring makes a new master key, and tells how far the rest is', async () => {
  expect(await cozos('keyring', 'show')).toBe('No rotation is under way.\n')
  const rotated = await cozos('keyring', 'rotate')
  expect(rotated).toMatch(/^New master key: +[0-9a-f]{8}\nsince: +\d{4}-\d\d-\d\dT[\d:.]+Z\nsealed anew: +0\n$/)
  expect(await cozos('keyring', 'show')).toBe(rotated)
  expect(JSON.parse(await cozos('keyring', 'show', '--json'))).toMatchObject({ rotating: true, stuck: 0 })
})

it('cozos keyring explains itself', () => {
  expect(helpOf('keyring')).toContain('cozos keyring: the key ring of the running server')
  expect(helpOf('keyring')).toContain('cozos keyring rotate\n')
})
