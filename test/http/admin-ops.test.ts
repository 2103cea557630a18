import { describe, expect, it } from 'vitest'
import { SERVED } from '../../src/operations/served.ts'
import { ADMIN_BINDINGS, type AdminBinding } from '../../src/s3/admin/bindings.ts'
import { OPS } from '../support/admin.ts'
import { startTestServer, type TestRequest, type TestResponse, uniqueName, useServer } from '../support/server.ts'

const server = useServer({ config: { dialect: 'aws' }, users: [OPS.plain] })

/** A request to the admin port. */
function onAdminPort(method: string, path: string, options: TestRequest = {}): Promise<TestResponse> {
  return server().request(method, path, { as: OPS, port: server().running.admin.port, ...options })
}

describe('the admin port', () => {
  it('has the admin API in every dialect; the S3 port has it in those of RGW', async () => {
    const query = { uid: 'alt' }
    const answer = await onAdminPort('GET', '/admin/user', { query })
    expect([answer.status, JSON.parse(answer.text).user_id]).toEqual([200, 'alt'])
    expect((await onAdminPort('GET', '/admin/user', { query, sign: 'v2' })).status).toBe(200)
    // In dialect aws, `admin` is a bucket like any other.
    expect((await server().request('GET', '/admin/user', { query, as: OPS })).text).toContain('NoSuchBucket')
    const ceph = await startTestServer({ users: [OPS.plain] })
    expect((await ceph.request('GET', '/admin/user', { query, as: OPS })).status).toBe(200)
    await ceph.stop()
  })

  it('knows its callers as S3 does, and answers errors in JSON', async () => {
    const query = { uid: 'alt' }
    for (const [as, code] of [
      ['anonymous', 'AccessDenied'],
      ['alt', 'AccessDenied'],
      [{ ...OPS, secretKey: 'wrong' }, 'SignatureDoesNotMatch'],
      [{ ...OPS, accessKey: 'NOKEY' }, 'InvalidAccessKeyId'],
    ] as const) {
      const { status, headers, text } = await onAdminPort('GET', '/admin/user', { query, as })
      expect([status, headers['content-type'], JSON.parse(text).Code]).toEqual([403, 'application/json', code])
    }
    const unknown = await onAdminPort('GET', '/admin/frob', { as: 'anonymous' })
    expect([unknown.status, JSON.parse(unknown.text).Code]).toEqual([405, 'MethodNotAllowed'])
    expect((await onAdminPort('OPTIONS', '/admin/user')).status).toBe(405)
  })

  it('serves nothing of S3', async () => {
    const bucket = uniqueName('b')
    await server().request('PUT', `/${bucket}`)
    await server().request('PUT', `/${bucket}/admin/user`, { body: 'an object' })
    expect((await onAdminPort('GET', `/${bucket}`)).status).toBe(404)
    expect((await onAdminPort('GET', '/')).status).toBe(404)
    // Whatever host is named: neither a bucket nor a website stands behind it here.
    const headers = { host: `${bucket}.localhost` }
    const named = await onAdminPort('GET', '/admin/user', { headers, query: { uid: 'alt' } })
    expect([named.status, JSON.parse(named.text).user_id]).toEqual([200, 'alt'])
    expect((await onAdminPort('GET', '/administrator/user')).status).toBe(404)
    expect((await onAdminPort('GET', '/admin%2Fuser')).status).toBe(404)
    expect((await onAdminPort('GET', '/admin/../healthz')).status).toBe(405)
  })

  it.each(Object.entries<AdminBinding>(ADMIN_BINDINGS).filter(([name]) => !SERVED.has(name as never)))(
    'refuses %s by its name',
    async (name, { method, resource, subresource }) => {
      const query = subresource === undefined ? {} : { [subresource]: undefined }
      const { status, text } = await onAdminPort(method, `/admin/${resource}`, { query: { ...query, uid: 'alt' } })
      expect([status, JSON.parse(text).Message]).toEqual([501, `${name} is not implemented`])
    },
  )

  it('counts and logs its requests by their operations', async () => {
    const { headers } = await onAdminPort('GET', '/admin/user', { query: { uid: 'alt' } })
    const line = () => server().logLines.find((text) => text.includes(String(headers['x-amz-request-id'])))
    await expect.poll(line).toBeDefined()
    expect(JSON.parse(line() ?? '')).toMatchObject({ operation: 'AdminGetUser', status: 200, callerId: 'ops' })
    expect((await onAdminPort('GET', '/metrics')).text).toContain('cozos_requests_total{operation="AdminGetUser"')
  })

  it('lets what is under way finish before the stores are closed', async () => {
    const stopped = await startTestServer({ users: [OPS.plain] })
    const bucket = uniqueName('b')
    await stopped.request('PUT', `/${bucket}`, { as: 'alt' })
    for (let i = 0; i < 250; i += 1) await stopped.request('PUT', `/${bucket}/${i}`, { as: 'alt', body: 'data' })
    const query = { bucket, 'purge-objects': 'true' }
    const purging = stopped.request('DELETE', '/admin/bucket', { query, as: OPS, port: stopped.running.admin.port })
    // The first objects are gone: it is under way.
    await expect.poll(async () => (await stopped.request('GET', `/${bucket}/0`)).status, { interval: 1 }).toBe(404)
    const restarted = stopped.restart()
    expect((await purging).status).toBe(200)
    await restarted
    expect((await stopped.request('HEAD', `/${bucket}`)).status).toBe(404)
    await stopped.stop()
  })
})
