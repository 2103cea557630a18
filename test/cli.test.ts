import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawConnection } from './support/raw.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-cli-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true, force: true })
})

interface Run {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** The exit code, once it has ended. */
  readonly code: Promise<number | null>
}

function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, env: { PATH: process.env['PATH'], ...env } })
  const text = { out: '', err: '' }
  child.stdout.on('data', (bytes) => {
    text.out += bytes
  })
  child.stderr.on('data', (bytes) => {
    text.err += bytes
  })
  const code = once(child, 'close').then(([exit]) => exit as number | null)
  return { child, out: () => text.out, err: () => text.err, code }
}

/** A server on any port; resolves with it once it says where it listens. */
async function start(env: Record<string, string> = {}, args: readonly string[] = []): Promise<Run & { port: number }> {
  const server = run(['--port', '0', '--admin-port', '0', '--data-dir', join(dir, 'data'), ...args], env)
  await expect.poll(server.err, { timeout: 30_000 }).toContain('aws --endpoint-url')
  const port = Number(/at http:\/\/127\.0\.0\.1:(\d+)/.exec(server.err())?.[1])
  return { ...server, port }
}

describe('the command line', () => {
  it('prints its help and its version', async () => {
    const help = run(['--help'])
    expect(await help.code).toBe(0)
    expect(help.out()).toContain('check-config')
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
    const printed = run(['--version'])
    expect(await printed.code).toBe(0)
    expect(printed.out()).toBe(`cozos ${version}\n`)
  })

  it('checks a configuration without serving it', async () => {
    const sound = run(['check-config', '--config', new URL('../config.example.yaml', import.meta.url).pathname])
    expect(await sound.code).toBe(0)
    expect(sound.out()).toMatch(/^The configuration is sound \(\S+config\.example\.yaml\)\.\n$/)
    const without = run(['check-config'])
    expect(await without.code).toBe(0)
    expect(without.out()).toBe('The configuration is sound (no file).\n')
    const wrong = run(['check-config', '--dialect', 'gcs'], { COZOS_REGOIN: 'x' })
    expect(await wrong.code).toBe(2)
    expect(wrong.err()).toBe(
      'cozos: COZOS_REGOIN: unknown environment variable\ncozos: dialect: expected one of zos, rgw, aws, ibm-cos\n',
    )
    // What only the dialect knows.
    const file = join(dir, 'topics.yaml')
    await writeFile(file, 'topics: { create: [{ name: a b }] }')
    const inRgw = run(['check-config', '--config', file, '--dialect', 'rgw'])
    expect(await inRgw.code).toBe(0)
    const inAws = run(['check-config', '--config', file, '--dialect', 'aws'])
    expect(await inAws.code).toBe(2)
    expect(inAws.err()).toBe('cozos: topics.create[0].name: Invalid value for Name\n')
  })

  it('says so where Node.js is too old', async () => {
    const { engines } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
    const major = Number(engines.node.replace('>=', ''))
    /** Runs with another version of Node.js, as far as the program can see. */
    const pretending = async (version: string): Promise<Run> => {
      const file = join(dir, `node-${version}.mjs`)
      const versions = `{ value: { ...process.versions, node: '${version}' } }`
      await writeFile(file, `Object.defineProperty(process, 'versions', ${versions})`)
      return run(['--version'], { NODE_OPTIONS: `--import=${file}` })
    }
    const old = await pretending(`${major - 1}.9.9`)
    expect(await old.code).toBe(1)
    expect(old.err()).toBe(`cozos: needs Node.js ${major} or newer; this is ${major - 1}.9.9\n`)
    expect(await (await pretending(`${major}.0.0`)).code).toBe(0)
  })

  it('refuses what it does not know', async () => {
    const unknown = run(['serve'])
    expect(await unknown.code).toBe(2)
    expect(unknown.err()).toContain('serve: unknown command')
  })
})

describe('a started server', () => {
  it('says how to use it, serves, and stops on a signal', async () => {
    const server = await start()
    expect(server.err()).toContain('AWS_ACCESS_KEY_ID=cozos')
    const response = await fetch(`http://127.0.0.1:${server.port}/`)
    expect(response.status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.code).toBe(0)
    // The log was flushed: the line of the one request is there.
    expect(server.out()).toContain(`"requestId":"${response.headers.get('x-amz-request-id')}"`)
  })

  it('is administered from another command line with the same configuration', async () => {
    const configured = ['--config', 'shared.yaml']
    const probe = createServer()
    await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => void probe.close(resolve))
    await writeFile(join(dir, 'shared.yaml'), `admin: { port: ${port} }\nroot: { secretKey: chosen }`)
    const before = run([...configured, 'user', 'list'])
    expect(await before.code).toBe(1)
    expect(before.err()).toMatch(/^cozos: no server answers at .* start it with `cozos start`/)
    const server = run(['--port', '0', '--data-dir', join(dir, 'administered'), ...configured])
    await expect.poll(server.err, { timeout: 30_000 }).toContain('aws --endpoint-url')
    const created = run(['user', 'create', 'alice', ...configured])
    expect(await created.code).toBe(0)
    expect(created.out()).toMatch(/^Created the user alice\.\naccess key: \w{20}\nsecret key: \w{40}\n/)
    const again = run(['user', 'create', 'alice', ...configured])
    expect(await again.code).toBe(1)
    expect(again.err()).toBe('cozos: There is a user of this id already. (UserAlreadyExists)\n')
    const misspelt = run(['user', 'crate', 'alice', ...configured])
    expect(await misspelt.code).toBe(2)
    server.child.kill('SIGTERM')
    expect(await server.code).toBe(0)
  })

  it('says where its data and its configuration are', async () => {
    await writeFile(join(dir, 'named.yaml'), 'buckets: [{ name: from-the-file }]')
    const server = await start({}, ['--config', 'named.yaml'])
    expect(server.err()).toContain(`data in ${join(dir, 'data')}\n`)
    expect(server.err()).toContain('configuration: named.yaml\n')
    expect((await fetch(`http://127.0.0.1:${server.port}/from-the-file`)).status).toBe(403)
    server.child.kill('SIGTERM')
    expect(await server.code).toBe(0)
  })

  it('prints no secret that somebody chose', async () => {
    const server = await start({ COZOS_ROOT_SECRET_KEY: 'chosen-by-somebody' })
    server.child.kill('SIGINT')
    expect(await server.code).toBe(0)
    expect(server.out() + server.err()).not.toContain('chosen-by-somebody')
    expect(server.out()).not.toContain('default secret key')
  })

  it('ends at once on a second signal', async () => {
    const server = await start()
    const connection = await RawConnection.open(server.port)
    connection.send('PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\n')
    await connection.until('</Error>')
    server.child.kill('SIGTERM')
    await expect
      .poll(() =>
        RawConnection.open(server.port).then(
          () => 'open',
          () => 'refused',
        ),
      )
      .toBe('refused')
    server.child.kill('SIGTERM')
    expect(await server.code).toBe(143)
    connection.close()
  })

  it('says what to do when its port is taken or its directory in use', async () => {
    const server = await start()
    const same = ['--admin-port', '0', '--data-dir', join(dir, 'other'), '--port', String(server.port)]
    const taken = run(same)
    expect(await taken.code).toBe(1)
    expect(taken.err()).toMatch(/127\.0\.0\.1:\d+; stop what listens there .* choose another with --port/)
    const elsewhere = run(['--host', '192.0.2.1', '--port', '0', '--data-dir', join(dir, 'other')])
    expect(await elsewhere.code).toBe(1)
    expect(elsewhere.err()).toContain('this machine has no such address: choose another with --host')
    const second = run(['--port', '0', '--admin-port', '0', '--data-dir', join(dir, 'data')])
    expect(await second.code).toBe(1)
    expect(second.err()).toContain(join(dir, 'data'))
    server.child.kill('SIGTERM')
    expect(await server.code).toBe(0)
  })
})
