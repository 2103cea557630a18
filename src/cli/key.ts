import type { Json } from './client.ts'
import type { Command } from './command.ts'
import type { Key, User } from './shapes.ts'
import { table } from './text.ts'
import { toldKeys } from './user.ts'

const create: Command = {
  verb: 'create',
  words: ['UID'],
  help: 'a key more; or with the access key of one that the user has, another secret for it',
  flags: {
    'access-key': { type: 'string', value: 'KEY', help: 'instead of a generated one' },
    'secret-key': { type: 'string', value: 'SECRET', help: 'instead of a generated one' },
  },
  async run(client, call) {
    const [uid = ''] = call.words
    const parameters = { uid, 'access-key': call.text('access-key'), 'secret-key': call.text('secret-key') }
    const keys = (await client.send('PUT user?key', parameters)) as unknown as readonly Key[]
    const [told] = keys.filter((key) => key.secret_key !== '')
    return { json: told as unknown as Json, text: toldKeys(keys) }
  },
}

const list: Command = {
  verb: 'list',
  words: ['UID'],
  help: 'the keys of a user; never their secrets',
  flags: {},
  async run(client, { words: [uid = ''] }) {
    const { keys } = (await client.send('GET user', { uid })) as unknown as User
    const names = keys.map((key) => key.access_key)
    return {
      json: names,
      text: table(
        ['ACCESS KEY'],
        names.map((name) => [name]),
      ),
    }
  },
}

const remove: Command = {
  verb: 'remove',
  words: ['ACCESS_KEY'],
  help: 'requests that are signed with it fail from now on',
  flags: {},
  async run(client, { words: [accessKey = ''] }) {
    await client.send('DELETE user?key', { 'access-key': accessKey })
    return { json: undefined, text: `Removed the key ${accessKey}.\n` }
  },
}

export const KEY_COMMANDS: readonly Command[] = [create, list, remove]
