// The READMEs' blocks as a reader runs them: nothing is changed but the ports.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fencedBlocks } from '../support/markdown.ts'
import { ROOT } from '../support/sources.ts'
import { botocoreExtras, client, type ServerProcess, startProcess, type Venv, venvDir } from './clients.ts'

const DEFAULT_PORT = '7480'
const DEFAULT_ADMIN_PORT = '7481'
/** A new user's shell: the keys and the region are what the block says. */
const FRESH = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_DEFAULT_REGION: undefined }
const DEFAULT_KEYS = { COZOS_ROOT_ACCESS_KEY: '', COZOS_ROOT_SECRET_KEY: '' }

let server: ServerProcess

/** The one block of a page in which a text stands, for the server of this test. */
function blockWith(page: string, part: string): string {
  const blocks = fencedBlocks(readFileSync(join(ROOT, page), 'utf8')).filter(({ text }) => text.includes(part))
  const [block] = blocks
  if (block === undefined || blocks.length > 1) throw new Error(`${page} has ${blocks.length} blocks with ${part}`)
  expect(block.text).toContain(DEFAULT_PORT)
  const adminPort = new URL(server.adminEndpoint).port
  return block.text.replaceAll(DEFAULT_PORT, String(server.port)).replaceAll(DEFAULT_ADMIN_PORT, adminPort)
}

async function shell(script: string): Promise<string> {
  const PATH = `${join(venvDir('current'), 'bin')}:${process.env['PATH']}`
  return await client(server, ['sh', '-e', '-c', script], { ...FRESH, PATH })
}

async function python(venv: Venv, script: string, environment: Record<string, string> = {}): Promise<string> {
  return await client(server, [join(venvDir(venv), 'bin', 'python'), '-c', script], { ...FRESH, ...environment })
}

describe.each(['README.md', 'README.zh-CN.md'])('%s', (page) => {
  beforeEach(async () => {
    server = await startProcess(DEFAULT_KEYS)
  })
  afterEach(() => server.stop())

  it('aws-cli', async () => {
    const printed = await shell(blockWith(page, 'aws s3 mb s3://photos'))
    expect(printed).toMatch(/^make_bucket: photos$/m)
    expect(printed).toMatch(/ 6 hello\.txt$/m)
    const url = printed.trim().split('\n').at(-1) ?? ''
    expect(await (await fetch(url)).text()).toBe('hello\n')
  })

  it('boto3', async () => {
    expect(await python('current', blockWith(page, 'import boto3'))).toBe("b'figures'\n")
  })

  it('an event, and who waits for it', async () => {
    const printed = await shell(blockWith(page, 'aws sns create-topic'))
    expect(printed).toContain('"arn:aws:sns:default::arrivals"')
    const { events } = JSON.parse(printed.slice(printed.lastIndexOf('{"events"')))
    expect(events).toHaveLength(1)
    const [{ eventName, s3 }] = events[0].document.Records
    expect([eventName, s3.bucket.name, s3.object.key]).toEqual(['ObjectCreated:Put', 'inbound', 'hello.txt'])
  })

  it('a picture, behind a presigned URL', async () => {
    const photo = await sharp({ create: { width: 600, height: 400, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer()
    const before = `printf ${photo.toString('base64')} | base64 -d > photo.jpg\n`
    const after = '\necho; head -c 12 small.webp | tail -c 4'
    const printed = await shell(before + blockWith(page, 'x-zos-process') + after)
    const [info = '', magic] = printed.trim().split('\n').slice(-2)
    expect(JSON.parse(info)).toMatchObject({ ImageWidth: { value: '600' }, ImageHeight: { value: '400' } })
    expect(magic).toBe('WEBP')
  })

  it('ibm-cos-sdk, whatever the dialect', async () => {
    const readBack = '\nprint(cos.get_object(Bucket="archive", Key="a")["Body"].read())'
    expect(await python('ibm', blockWith(page, 'import ibm_boto3') + readBack)).toBe("b'b'\n")
    await server.stop()
    server = await startProcess({ ...DEFAULT_KEYS, COZOS_DIALECT: 'ibm-cos' })
    expect(await python('ibm', blockWith(page, 'import ibm_boto3') + readBack)).toBe("b'b'\n")
  })
})

describe('clients/README.md', () => {
  beforeEach(async () => {
    server = await startProcess(DEFAULT_KEYS)
  })
  afterEach(() => server.stop())

  it("botocore's extras", async () => {
    const block = blockWith('clients/README.md', 'import boto3')
    const extras = { AWS_DATA_PATH: botocoreExtras }
    expect(await python('current', block, extras)).toBe('12\n1024\n')
    // Goes on with the client of the block before.
    const topics = block.replace(/^s3\.create_bucket.*$/ms, '') + blockWith('clients/README.md', '"sns"')
    expect(await python('current', topics, extras)).toBe('inbox://logs\nnumbers\n')
    await expect(python('current', block)).rejects.toThrow(/Unknown parameter in input: "Append"/)
  })
})
