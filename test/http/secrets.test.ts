import { describe, expect, it } from 'vitest'
import { uniqueName, useServer } from '../support/server.ts'
import { encodeQuery, presignV2, presignV4, signV4 } from '../support/sign.ts'

const SECRET = 'root-secret-that-nobody-may-see'
const server = useServer({
  config: { logLevel: 'trace', root: { accessKey: 'cozos', secretKey: 'cozos-secret' } },
  users: [{ id: 'secretive', keys: [{ accessKey: 'SECRETIVE', secretKey: SECRET }] }],
})

describe('the log', () => {
  it('never contains secrets, signatures, tokens or customer keys, whatever goes wrong', async () => {
    const user = { id: 'secretive', accessKey: 'SECRETIVE', secretKey: SECRET }
    const path = `/${uniqueName('quiet')}`
    const host = `127.0.0.1:${server().port}`
    const headers = {
      'x-amz-security-token': 'token-that-nobody-may-see',
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': 'customer-key-that-nobody-may-see',
    }
    const signed = signV4({ method: 'PUT', url: { host, path: `${path}/k` }, headers, body: Buffer.from('x') }, user)
    const v4 = presignV4({ method: 'GET', url: { host, path } }, user)
    const v2 = presignV2({ method: 'GET', url: { host, path } }, user)
    expect((await server().request('PUT', path, { as: user })).status).toBe(200)
    await server().request('PUT', `${path}/k`, { as: 'anonymous', headers: signed, body: 'x' })
    await server().request('PUT', `${path}/k`, { as: { ...user, secretKey: 'wrong' }, body: 'x' })
    for (const { target } of [v4, v2]) {
      const answer = await fetch(`${server().url}${target}`)
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('ListBucketResult')])
      await fetch(`${server().url}${target}&versions`)
      expect((await fetch(`${server().url}${target.replace('?', '%3F')}`)).status).toBe(404)
    }
    const ofKey = presignV4({ method: 'GET', url: { host, path: `${path}/k` } }, user)
    const ofKeyV2 = presignV2({ method: 'GET', url: { host, path: `${path}/k` } }, user)
    for (const { target } of [ofKey, ofKeyV2]) {
      // All of it is the key then.
      for (const mangled of [target.replace('?', '%3F'), `${path}/${encodeURIComponent(target)}`]) {
        expect((await fetch(`${server().url}${mangled}`)).status).toBe(403)
      }
    }
    const signatures = [v4.query, v2.query, ofKey.query, ofKeyV2.query].map((query) => new URLSearchParams(query))
    const known = [
      SECRET,
      'cozos-secret',
      'token-that-nobody-may-see',
      'customer-key-that-nobody-may-see',
      signed['authorization']?.slice(-64) ?? 'none',
      signatures[0]?.get('X-Amz-Signature') ?? 'none',
      encodeQuery({ s: signatures[1]?.get('Signature') ?? 'none' }).slice(2),
      signatures[1]?.get('Signature') ?? 'none',
      signatures[2]?.get('X-Amz-Signature') ?? 'none',
      signatures[3]?.get('Signature') ?? 'none',
      encodeQuery({ s: signatures[3]?.get('Signature') ?? 'none' }).slice(2),
    ]
    const log = server().logLines.join('')
    expect(log).toContain('"callerId":"secretive"')
    expect(known.filter((secret) => log.includes(secret))).toEqual([])
  })

  it('has one line at info for a request, and its key only at debug', async () => {
    const path = `/${uniqueName('line')}`
    await server().request('PUT', path)
    const { headers } = await server().request('PUT', `${path}/the-key`, { body: 'abc' })
    const ofRequest = (line: string): boolean => line.includes(String(headers['x-amz-request-id']))
    const mine = (): string[] => server().logLines.filter((line) => line.includes('"level":30') && ofRequest(line))
    await expect.poll(() => mine().length).toBe(1)
    expect(JSON.parse(mine()[0] ?? '')).toMatchObject({
      level: 30,
      operation: 'PutObject',
      bucket: path.slice(1),
      key: 'the-key',
      status: 200,
      bytesIn: 3,
      bytesOut: 0,
      callerId: 'cozos',
    })
  })
})
