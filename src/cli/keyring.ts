import type { Json } from './client.ts'
import type { Command } from './command.ts'
import { fields } from './text.ts'

/** What the server tells of its key ring. */
interface KeyRing {
  readonly rotating: boolean
  readonly key?: string
  readonly since?: string
  readonly renewed?: number
  readonly stuck?: number
}

const show: Command = {
  verb: 'show',
  words: [],
  help: 'whether a rotation of the master key is still under way',
  flags: {},
  async run(client) {
    const json = await client.send('GET keyring')
    return { json, text: textOf(json) }
  },
}

const rotate: Command = {
  verb: 'rotate',
  words: [],
  help: 'a new master key; what the old ones have sealed is sealed anew in the background, objects are not rewritten',
  flags: {},
  async run(client) {
    const json = await client.send('POST keyring?rotate')
    return { json, text: textOf(json) }
  },
}

function textOf(json: Json): string {
  const { rotating, key = '', since = '', renewed = 0, stuck = 0 } = json as unknown as KeyRing
  if (!rotating) return 'No rotation is under way.\n'
  return fields([
    ['New master key', key],
    ['since', since],
    ['sealed anew', String(renewed)],
    ['not possible yet', stuck === 0 ? '' : `${stuck} (see the log)`],
  ])
}

export const KEYRING_COMMANDS: readonly Command[] = [show, rotate]
