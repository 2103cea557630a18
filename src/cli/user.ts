import { type AdminClient, CommandError, type Json, type Parameters } from './client.ts'
import type { Call, Command, Flag, Outcome } from './command.ts'
import { QUOTA_FLAGS, quotaParameters, quotaText } from './quota.ts'
import { type Bucket, type Key, type ListPage, type User, userId } from './shapes.ts'
import { bytesText, fields, table } from './text.ts'

const NAMING: Readonly<Record<string, Flag>> = {
  'display-name': { type: 'string', value: 'NAME', help: 'its name for people' },
  email: { type: 'string', value: 'ADDRESS', help: 'grants may name it by this' },
  'max-buckets': { type: 'string', value: 'N', help: 'buckets it may own; 0 any number, -1 none' },
  caps: { type: 'string', value: 'CAPS', help: "what it may do through the admin API, such as 'users=*;buckets=read'" },
}
const KEYS: Readonly<Record<string, Flag>> = {
  'access-key': { type: 'string', value: 'KEY', help: 'instead of a generated one' },
  'secret-key': { type: 'string', value: 'SECRET', help: 'instead of a generated one' },
}

const create: Command = {
  verb: 'create',
  words: ['UID'],
  help: 'a user with a key; in a tenant: TENANT$UID',
  flags: { ...NAMING, ...KEYS, suspended: { type: 'boolean', help: 'it may do nothing yet' } },
  async run(client, call) {
    const [uid = ''] = call.words
    const json = await client.send('PUT user', {
      uid,
      ...naming(call),
      'display-name': call.text('display-name') ?? uid.slice(uid.indexOf('$') + 1),
      'access-key': call.text('access-key'),
      'secret-key': call.text('secret-key'),
      suspended: call.isSet('suspended') || undefined,
    })
    return { json, text: `Created the user ${uid}.\n${toldKeys((json as unknown as User).keys)}` }
  },
}

const list: Command = {
  verb: 'list',
  words: [],
  help: 'all users',
  flags: {},
  async run(client) {
    const users: User[] = []
    for (let marker: string | undefined; ; ) {
      const page = (await client.send('GET user?list', { marker })) as unknown as ListPage
      for (const uid of page.keys) users.push(await find(client, uid))
      if (!page.truncated) break
      marker = page.marker
    }
    const rows = users.map((user) => [
      userId(user),
      user.display_name,
      user.email,
      String(user.keys.length),
      user.suspended === 1 ? 'suspended' : 'enabled',
    ])
    return { json: users as unknown as Json, text: table(['ID', 'NAME', 'E-MAIL', 'KEYS', 'STATE'], rows) }
  },
}

const show: Command = {
  verb: 'show',
  words: ['UID'],
  help: 'all that is known of a user',
  flags: {},
  async run(client, { words: [uid = ''] }) {
    const user = await find(client, uid, { stats: true })
    const buckets = (await client.send('GET bucket', { uid })) as readonly string[]
    return { json: { ...user, buckets } as unknown as Json, text: describe(user, buckets) }
  },
}

const modify: Command = {
  verb: 'modify',
  words: ['UID'],
  help: 'what is not named stays',
  flags: {
    ...NAMING,
    'remove-caps': { type: 'string', value: 'CAPS', help: 'take capabilities away' },
    ...QUOTA_FLAGS,
    'bucket-max-objects': { type: 'string', value: 'N', help: 'in each of its buckets' },
    'bucket-max-bytes': { type: 'string', value: 'SIZE', help: 'in each of its buckets' },
  },
  async run(client, call) {
    const [uid = ''] = call.words
    const user = quotaParameters(call, { objects: 'max-objects', bytes: 'max-bytes' })
    const bucket = quotaParameters(call, { objects: 'bucket-max-objects', bytes: 'bucket-max-bytes' })
    const named = naming(call)
    const removed = call.text('remove-caps')
    if (Object.values(named).some((value) => value !== undefined)) await client.send('POST user', { uid, ...named })
    if (removed !== undefined) await client.send('DELETE user?caps', { uid, 'user-caps': removed })
    if (user !== undefined) await client.send('PUT user?quota', { uid, 'quota-type': 'user', ...user })
    if (bucket !== undefined) await client.send('PUT user?quota', { uid, 'quota-type': 'bucket', ...bucket })
    const now = await find(client, uid)
    return { json: now as unknown as Json, text: `Changed the user ${uid}.\n` }
  },
}

const remove: Command = {
  verb: 'remove',
  words: ['UID'],
  help: 'with its keys; refused as long as it owns buckets',
  flags: { 'purge-data': { type: 'boolean', help: 'its buckets and all that is in them, too' } },
  async run(client, call) {
    const [uid = ''] = call.words
    await client.send('DELETE user', { uid, 'purge-data': call.isSet('purge-data') })
    return { json: undefined, text: `Removed the user ${uid}.\n` }
  },
}

function suspension(verb: 'suspend' | 'enable', help: string): Command {
  return {
    verb,
    words: ['UID'],
    help,
    flags: {},
    async run(client, { words: [uid = ''] }): Promise<Outcome> {
      const json = await client.send('POST user', { uid, suspended: verb === 'suspend' })
      return { json, text: `The user ${uid} is ${verb}${verb === 'suspend' ? 'ed' : 'd'}.\n` }
    },
  }
}

export const USER_COMMANDS: readonly Command[] = [
  create,
  list,
  show,
  modify,
  suspension('suspend', 'its requests are refused from now on'),
  suspension('enable', 'it may act again'),
  remove,
]

function naming(call: Call): Parameters {
  const wanted = call.text('max-buckets')
  if (wanted !== undefined && !/^-?\d+$/.test(wanted)) throw new CommandError('--max-buckets: expected a whole number')
  return {
    'display-name': call.text('display-name'),
    email: call.text('email'),
    'max-buckets': wanted,
    'user-caps': call.text('caps'),
  }
}

async function find(client: AdminClient, uid: string, more: Parameters = {}): Promise<User> {
  return (await client.send('GET user', { uid, ...more })) as unknown as User
}

/** The one time that a secret is shown. */
export function toldKeys(keys: readonly Key[]): string {
  const told = keys.filter((key) => key.secret_key !== '')
  const lines = told.flatMap((key) => [
    ['access key', key.access_key] as const,
    ['secret key', key.secret_key] as const,
  ])
  return lines.length === 0 ? '' : `${fields(lines)}The secret key is not shown again.\n`
}

function describe(user: User, buckets: readonly Bucket['bucket'][]): string {
  const { stats } = user
  const owned = user.max_buckets < 0 ? 'may own none' : user.max_buckets === 0 ? '' : `of ${user.max_buckets}`
  return fields([
    ['id', userId(user)],
    ['name', user.display_name],
    ['e-mail', user.email],
    ['state', user.suspended === 1 ? 'suspended' : 'enabled'],
    ['capabilities', user.caps.map(({ type, perm }) => `${type}=${perm}`).join(';')],
    ['keys', user.keys.map((key) => key.access_key).join(' ')],
    ['buckets', `${buckets.length} ${owned}`.trim()],
    ['stored', stats === undefined ? '' : `${stats.num_objects} objects, ${bytesText(stats.size)}`],
    ['quota', quotaText(user.user_quota)],
    ['quota of a bucket', quotaText(user.bucket_quota)],
  ])
}
