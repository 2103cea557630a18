import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CONFIG_VARIABLE, VARIABLES } from '../src/config/env.ts'
import { plain, png } from './support/rendering.ts'
import { signV4 } from './support/sign.ts'

type Locked = Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>

const ROOT = new URL('..', import.meta.url).pathname
const execute = promisify(execFile)
const node = (args: readonly string[], env: Record<string, string> = {}) =>
  execute(process.execPath, [...args], { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } })

/** What a command exits with. */
const codeOf = (ran: Promise<unknown>): Promise<number> =>
  ran.then(
    () => 0,
    (error: { code: number }) => error.code,
  )

/** What a picture becomes, with a text of characters that no font of the machine has to have. */
async function renderedBy(host: string): Promise<unknown[]> {
  const key = { accessKey: 'cozos', secretKey: 'cozos-secret' }
  const directive = `image/watermark,text_${Buffer.from('图片').toString('base64url')}`
  const send = async (method: string, path: string, { query = '', body }: { query?: string; body?: Buffer }) => {
    const { host: _, ...headers } = signV4({ method, url: { host, path, query }, headers: {}, body }, key)
    return await fetch(`http://${host}${path}?${query}`, {
      method,
      headers,
      ...(body ? { body: new Uint8Array(body) } : {}),
    })
  }
  await send('PUT', '/pictures', {})
  await send('PUT', '/pictures/a.png', { body: await png(plain({ width: 200, height: 100 }, 1, 2, 3)) })
  const answer = await send('GET', '/pictures/a.png', { query: `x-zos-process=${encodeURIComponent(directive)}` })
  const bytes = Buffer.from(await answer.arrayBuffer())
  return [answer.status, answer.headers.get('content-type'), bytes.toString('latin1', 0, 4)]
}

describe('the bundle', () => {
  it('is built, knows its version, serves, answers the health check, and stops', async () => {
    await node(['build.ts'])
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    expect((await node(['dist/cozos.js', '--version'])).stdout).toBe(`cozos ${version}\n`)

    const dir = await mkdtemp(join(tmpdir(), 'cozos-bundle-'))
    const args = ['dist/cozos.js', '--port', '0', '--admin-port', '0', '--data-dir', dir]
    const server = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      let text = ''
      server.stderr.on('data', (bytes) => {
        text += bytes
      })
      await expect.poll(() => text, { timeout: 30_000 }).toContain('aws --endpoint-url')
      const s3 = /at (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1]
      expect((await fetch(`${s3}/`)).status).toBe(200)
      const adminPort = /admin API: http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? ''
      const health = (port: string) =>
        node(['docker/healthcheck.js'], { COZOS_HOST: '0.0.0.0', COZOS_ADMIN_PORT: port })
      expect(await codeOf(health(adminPort))).toBe(0)
      expect(await renderedBy(new URL(s3 ?? '').host)).toEqual([200, 'image/png', '\x89PNG'])
      // The S3 port answers /healthz, too, but as a bucket that is not there.
      expect(await codeOf(health(s3?.split(':').at(-1) ?? ''))).toBe(1)
      server.kill('SIGTERM')
      await expect.poll(() => server.exitCode, { timeout: 30_000 }).toBe(0)
    } finally {
      server.kill('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    }
  })
})

describe('the container files', () => {
  it('copy only what there is and what is let in', async () => {
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
    const ignored = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    )
    expect(copies.length).toBeGreaterThan(5)
    for (const source of copies) {
      expect(ignored).toContain(`!${source}`)
      await access(join(ROOT, source))
    }
  })

  it('bring the packages that the bundle leaves out, and what these need', async () => {
    const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Locked }
    const needed = (name: string): string[] => [
      name,
      ...Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {}).flatMap(needed),
    ]
    const build = await readFile(join(ROOT, 'build.ts'), 'utf8')
    const left = [...(/NATIVE = \[(.*)\]/.exec(build)?.[1] ?? '').matchAll(/'(.*?)'/g)].flatMap(([, name = '']) =>
      needed(name),
    )
    expect(left).toContain('sharp')
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/app\/node_modules\/(\S+) .\/node_modules\/\1$/gm)]
    const isThere = (name: string) => copied.some(([, path = '']) => name === path || name.startsWith(`${path}/`))
    // better-sqlite3 needs another one only to be compiled.
    expect(left.filter((name) => !isThere(name))).toEqual(['node-addon-api'])
    // The binaries of sharp.
    expect(isThere('@img/sharp-linux-x64')).toBe(true)
  })

  it('set variables that the server knows', async () => {
    const compose = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'))
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
    const named = [...dockerfile.matchAll(/(COZOS_\w+)=/g)].map(([, name = '']) => name)
    const known = [...Object.keys(VARIABLES), CONFIG_VARIABLE]
    for (const name of [...named, ...Object.keys(compose.services.cozos.environment)]) expect(known).toContain(name)
    expect(named).toContain('COZOS_DATA_DIR')
  })
})
