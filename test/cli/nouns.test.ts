import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CommandError } from '../../src/cli/client.ts'
import { helpOf, nounOf, runCommand } from '../../src/cli/nouns.ts'
import { ConfigError } from '../../src/config/reader.ts'
import { uniqueName, useServer } from '../support/server.ts'

const server = useServer()

/** Runs a command line and returns what it printed. */
async function cozos(...args: string[]): Promise<string> {
  return cozosAt(server().running.admin.port, args)
}

async function cozosAt(port: number, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  await runCommand([...args, '--admin-port', String(port)], { env, print })
  return printed
}

async function problem(...args: string[]): Promise<string> {
  const cause = await cozos(...args).then(
    (text) => `nothing was thrown: ${text}`,
    (error: unknown) => error,
  )
  if (cause instanceof CommandError || cause instanceof ConfigError) return cause.message
  throw new Error('expected a CommandError or a ConfigError', { cause })
}

describe('nounOf', () => {
  it.each([
    [['user', 'list'], 'user'],
    [['--config', 'x.yaml', 'key', 'list', 'a'], 'key'],
    [['--admin-port=1', '--json', 'bucket', 'list'], 'bucket'],
    [['--config', 'user'], undefined],
    [['start'], undefined],
    [['--help'], undefined],
    [[], undefined],
  ])('of %j is %s', (args, noun) => {
    expect(nounOf(args)).toBe(noun)
  })
})

describe('cozos user', () => {
  it('makes, shows, changes, suspends and removes users', async () => {
    const uid = uniqueName('u')
    const created = await cozos('user', 'create', uid, '--display-name', 'A Name', '--email', `${uid}@x.org`)
    const [, accessKey = '', secretKey = ''] =
      /^Created the user .*\naccess key: (\w{20})\nsecret key: (\w{40})\nThe secret key is not shown again\.\n$/.exec(
        created,
      ) ?? []
    const as = { id: uid, accessKey, secretKey }
    const bucket = uniqueName('b')
    expect((await server().request('PUT', `/${bucket}`, { as })).status).toBe(200)
    await server().request('PUT', `/${bucket}/k`, { as, body: Buffer.alloc(2048) })
    const changes = ['--max-objects', '5', '--max-bytes', '10GiB', '--bucket-max-objects', '3', '--caps', 'users=*']
    expect(await cozos('user', 'modify', uid, ...changes, '--max-buckets', '7')).toBe(`Changed the user ${uid}.\n`)
    await cozos('user', 'modify', uid, '--remove-caps', 'users=write', '--max-bytes', 'none')
    expect(await cozos('user', 'show', uid)).toBe(
      [
        `id:                ${uid}`,
        'name:              A Name',
        `e-mail:            ${uid}@x.org`,
        'state:             enabled',
        'capabilities:      users=read',
        `keys:              ${accessKey}`,
        'buckets:           1 of 7',
        'stored:            1 objects, 2.0 KiB',
        'quota:             5 objects',
        'quota of a bucket: 3 objects',
        '',
      ].join('\n'),
    )
    expect(await cozos('user', 'suspend', uid)).toBe(`The user ${uid} is suspended.\n`)
    expect((await server().request('GET', '/', { as })).status).toBe(403)
    expect(await cozos('user', 'list')).toMatch(
      new RegExp(`^ID +NAME +E-MAIL +KEYS +STATE$[\\s\\S]*^${uid} .* suspended$`, 'm'),
    )
    expect(await cozos('user', 'enable', uid)).toBe(`The user ${uid} is enabled.\n`)
    expect((await server().request('GET', '/', { as })).status).toBe(200)
    expect(await problem('user', 'remove', uid)).toContain('The user owns buckets: remove or link them first')
    expect(await cozos('user', 'remove', uid, '--purge-data')).toBe(`Removed the user ${uid}.\n`)
    expect((await server().request('HEAD', `/${bucket}`)).status).toBe(404)
  })

  it('tells programs what the server answered', async () => {
    const uid = uniqueName('u')
    const created = JSON.parse(
      await cozos('user', 'create', `acme$${uid}`, '--json', '--suspended', '--max-buckets=-1'),
    )
    expect(created).toMatchObject({ tenant: 'acme', user_id: uid, display_name: uid, suspended: 1, max_buckets: -1 })
    expect(created.keys[0].secret_key).toMatch(/^\w{40}$/)
    const shown = JSON.parse(await cozos('--json', 'user', 'show', `acme$${uid}`))
    expect(shown).toMatchObject({ user_id: uid, keys: [{ secret_key: '' }], buckets: [], stats: { size: 0 } })
    const listed = JSON.parse(await cozos('user', 'list', '--json'))
    expect(listed).toContainEqual(expect.objectContaining({ user_id: uid }))
    expect(await cozos('user', 'remove', `acme$${uid}`, '--json')).toBe('')
  })

  it('passes on why the server refuses', async () => {
    expect(await problem('user', 'show', 'nobody')).toBe('There is no such user. (NoSuchUser)')
    expect(await problem('user', 'create', 'alt')).toBe('There is a user of this id already. (UserAlreadyExists)')
    expect(await problem('user', 'modify', 'alt', '--max-buckets', 'many')).toContain('expected a whole number')
    expect(await problem('user', 'modify', 'alt', '--max-bytes', 'much')).toBe(
      '--max-bytes: much is neither a number nor none',
    )
  })
})

describe('cozos key', () => {
  it('makes, lists and removes keys', async () => {
    const uid = uniqueName('u')
    await cozos('user', 'create', uid, '--access-key', `${uid}-1`, '--secret-key', 's1')
    const made = JSON.parse(await cozos('key', 'create', uid, '--json'))
    const as = { id: uid, accessKey: made.access_key, secretKey: made.secret_key }
    expect((await server().request('GET', '/', { as })).status).toBe(200)
    expect(await cozos('key', 'create', uid, '--access-key', `${uid}-1`, '--secret-key', 's2')).toContain(
      'secret key: s2\n',
    )
    expect((await cozos('key', 'list', uid)).split('\n').toSorted()).toEqual(
      ['', 'ACCESS KEY', made.access_key, `${uid}-1`].toSorted(),
    )
    expect(await cozos('key', 'remove', made.access_key)).toBe(`Removed the key ${made.access_key}.\n`)
    expect((await server().request('GET', '/', { as })).status).toBe(403)
    expect(JSON.parse(await cozos('key', 'list', uid, '--json'))).toEqual([`${uid}-1`])
    expect(await problem('key', 'remove', 'NONE')).toBe('The access key is not valid. (InvalidAccessKey)')
  })
})

describe('cozos bucket', () => {
  it('lists, shows, links, bounds and removes buckets', async () => {
    const uid = uniqueName('u')
    await cozos('user', 'create', `t_${process.pid}$${uid}`)
    const bucket = uniqueName('b')
    await server().request('PUT', `/${bucket}`, { as: 'alt' })
    await server().request('PUT', `/${bucket}/k`, { as: 'alt', body: 'data' })
    expect(await cozos('bucket', 'list', '--owner', 'alt')).toMatch(new RegExp(`^${bucket} +alt +1 +4 B$`, 'm'))
    expect(await cozos('bucket', 'quota', bucket, '--max-objects', '9')).toBe(`Quota of ${bucket}: 9 objects\n`)
    expect(await cozos('bucket', 'show', bucket)).toMatch(
      /^owner: +alt\n[\s\S]*^stored: +1 objects, 4 B\nquota: +9 objects\n/m,
    )
    expect(await cozos('bucket', 'quota', bucket, '--off')).toBe(`Quota of ${bucket}: none\n`)
    expect(await problem('bucket', 'quota', bucket)).toContain('expected either --max-objects')
    const owner = `t_${process.pid}$${uid}`
    expect(await cozos('bucket', 'link', bucket, owner)).toBe(`The bucket ${bucket} belongs to ${owner}.\n`)
    const inTenant = `t_${process.pid}/${bucket}`
    expect(await cozos('bucket', 'list')).toMatch(new RegExp(`^${inTenant} `, 'm'))
    expect(JSON.parse(await cozos('bucket', 'quota', inTenant, '--max-bytes', '1k', '--json'))).toMatchObject({
      enabled: true,
      max_size: 1024,
    })
    expect(await problem('bucket', 'remove', inTenant)).toContain('(BucketNotEmpty)')
    expect(await cozos('bucket', 'remove', inTenant, '--purge-objects')).toBe(`Removed the bucket ${inTenant}.\n`)
    expect(await problem('bucket', 'show', inTenant)).toContain('(NoSuchBucket)')
  })
})

describe('a command line', () => {
  it('that says nothing, or asks for help, gets it', async () => {
    for (const noun of ['user', 'key', 'bucket']) {
      expect(await cozos(noun)).toBe(helpOf(noun))
      expect(await cozos(noun, 'list', '-h')).toBe(helpOf(noun))
      for (const line of helpOf(noun).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
    }
  })

  it('that is not understood is explained', async () => {
    expect(await problem('user', 'frob')).toBe('user frob: unknown command; see cozos user --help')
    expect(await problem('key', 'create')).toBe('key create: expected cozos key create UID; see cozos key --help')
    expect(await problem('user', 'list', 'twice')).toContain('expected cozos user list;')
    expect(await problem('user', 'show', 'x', '--email', 'y')).toBe(
      '--email: user show has no such flag; see cozos user --help',
    )
    expect(await problem('user', 'list', '--frob')).toBe("Unknown option '--frob'; see cozos user --help")
    expect(await problem('user', 'list', '--dialect', 'gcs')).toContain('dialect: expected one of')
  })

  it('is told where the server may be, if nobody answers', async () => {
    const nobody = createServer()
    await new Promise<void>((resolve) => void nobody.listen(0, '127.0.0.1', resolve))
    const { port } = nobody.address() as AddressInfo
    nobody.close()
    await expect(cozosAt(port, ['user', 'list'])).rejects.toThrow(
      new RegExp(`^no server answers at http://127.0.0.1:${port} .*; start it with \`cozos start\`, or say where`),
    )
    await expect(cozosAt(0, ['user', 'list'])).rejects.toThrow('admin.port is 0, which is any port')
  })

  it('is told what is wrong with the server that it found', async () => {
    const { running } = server()
    await expect(cozosAt(running.admin.port, ['user', 'list'], { COZOS_ROOT_SECRET_KEY: 'other' })).rejects.toThrow(
      'the server has another root key pair',
    )
    const stranger = createServer((_request, response) => void response.end('<html>'))
    await new Promise<void>((resolve) => void stranger.listen(0, '127.0.0.1', resolve))
    const { port } = stranger.address() as AddressInfo
    await expect(cozosAt(port, ['user', 'list'])).rejects.toThrow('is not the admin port of cozos')
    stranger.closeAllConnections()
    await new Promise((resolve) => void stranger.close(resolve))
  })
})
